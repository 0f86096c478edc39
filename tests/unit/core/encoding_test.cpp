#include "sluice/core/encoding.hpp"

#include <random>

#include "support/catch.hpp"

using namespace sluice;

namespace {

/// Byte strings of growing length, the same in every run.
std::vector<std::string> random_strings(std::size_t count) {
  std::mt19937 random(20240607);
  std::uniform_int_distribution<int> byte(0, 255);
  std::vector<std::string> strings;
  for (std::size_t length = 0; length < count; ++length) {
    std::string text;
    while (text.size() < length) text += static_cast<char>(byte(random));
    strings.push_back(text);
  }
  return strings;
}

}  // namespace

TEST_CASE("base64_decode accepts every spelling in use", "[core][unit]") {
  struct Row {
    const char* why;
    std::string_view text;
    std::optional<std::string> bytes;
  };
  const Row rows[] = {
      {"empty", "", ""},
      {"RFC 4648, 10", "Zg==", "f"},
      {"RFC 4648, 10", "Zm8=", "fo"},
      {"RFC 4648, 10", "Zm9v", "foo"},
      {"RFC 4648, 10", "Zm9vYg==", "foob"},
      {"RFC 4648, 10", "Zm9vYmE=", "fooba"},
      {"RFC 4648, 10", "Zm9vYmFy", "foobar"},
      {"padding left out", "Zm9vYg", "foob"},
      {"a URL", "aHR0cHM6Ly9leGFtcGxlLmNvbS92aWRlby5tcDQ", "https://example.com/video.mp4"},
      {"standard alphabet", "aHR0cHM6Ly9leGFtcGxlLmNvbS8/YT1i", "https://example.com/?a=b"},
      {"URL-safe alphabet", "aHR0cHM6Ly9leGFtcGxlLmNvbS8_YT1i", "https://example.com/?a=b"},
      {"both alphabets", "+-/_", "\xfb\xef\xff"},
      {"a space was a plus", " -/_", "\xfb\xef\xff"},
      {"one character over", "Zm9vY", std::nullopt},
      {"one character", "Z", std::nullopt},
      {"padding makes the wrong length", "Zg=", std::nullopt},
      {"padding without data", "==", std::nullopt},
      {"padding only", "====", std::nullopt},
      {"padding one too long", "Z===", std::nullopt},
      {"padding inside", "Zg==Zg==", std::nullopt},
      {"padding before data", "AB=C", std::nullopt},
      {"foreign character", "Zm9v.mFy", std::nullopt},
      {"line break", "Zm9v\nYmFy", std::nullopt},
      {"non-ASCII", "Zm9\xc3", std::nullopt},
  };
  for (const Row& row : rows) {
    INFO(row.why << ": " << row.text);
    CHECK(base64_decode(row.text) == row.bytes);
  }
}

TEST_CASE("base64url_encode is undone by base64_decode", "[core][unit]") {
  CHECK(base64url_encode("https://example.com/?a=b") == "aHR0cHM6Ly9leGFtcGxlLmNvbS8_YT1i");
  CHECK(base64url_encode("f") == "Zg");
  for (const std::string& bytes : random_strings(100)) {
    const std::string text = base64url_encode(bytes);
    CHECK(text.find_first_of("+/=") == std::string::npos);
    CHECK(base64_decode(text) == bytes);
  }
}

TEST_CASE("percent_decode replaces valid triplets only", "[core][unit]") {
  CHECK(percent_decode("a%20b%2Fc%2f") == "a b/c/");
  CHECK(percent_decode("100%") == "100%");
  CHECK(percent_decode("%4") == "%4");
  CHECK(percent_decode("%zz%4g%g4") == "%zz%4g%g4");
  CHECK(percent_decode("%2525") == "%25");
  CHECK(percent_decode("%%41") == "%A");
  CHECK(percent_decode("a+b") == "a+b");
  CHECK(percent_decode("%00") == std::string(1, '\0'));
}

TEST_CASE("form_decode turns plus into space", "[core][unit]") {
  CHECK(form_decode("a+b%2Bc") == "a b+c");
}

TEST_CASE("form_encode follows quote_plus and is undone by form_decode", "[core][unit]") {
  CHECK(form_encode("https://a.b/c d?e=f&g=~") == "https%3A%2F%2Fa.b%2Fc+d%3Fe%3Df%26g%3D~");
  CHECK(form_encode("AZaz09-._~") == "AZaz09-._~");
  CHECK(form_encode("\xc3\xa4*") == "%C3%A4%2A");
  std::string out = "d=";
  form_encode_to(out, "/");
  CHECK(out == "d=%2F");
  for (const std::string& bytes : random_strings(100)) {
    CHECK(form_decode(form_encode(bytes)) == bytes);
  }
}

TEST_CASE("encode_illegal touches only what a request target may not hold", "[core][unit]") {
  std::string legal;
  for (char c = '!'; c <= '~'; ++c) {
    if (std::string_view("\"<>\\^`{|}").find(c) == std::string_view::npos) legal += c;
  }
  CHECK(encode_illegal(legal) == legal);
  CHECK_FALSE(has_illegal(legal));
  CHECK(encode_illegal("/a b%20c%?\"<>\\^`{|}") == "/a%20b%20c%?%22%3C%3E%5C%5E%60%7B%7C%7D");
  CHECK(encode_illegal("\r\n\x7f\xc3\xa4") == "%0D%0A%7F%C3%A4");
  for (const std::string& bytes : random_strings(60)) {
    const std::string once = encode_illegal(bytes);
    CHECK_FALSE(has_illegal(once));
    CHECK(encode_illegal(once) == once);
    CHECK(percent_decode(once) == percent_decode(bytes));
    CHECK(has_illegal(bytes) == (once != bytes));
  }
}

TEST_CASE("is_utf8 follows RFC 3629", "[core][unit]") {
  struct Row {
    const char* why;
    std::string_view bytes;
    bool valid;
  };
  const Row rows[] = {
      {"empty", "", true},
      {"two, three and four bytes", "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x8e\xac", true},
      {"smallest of two bytes", "\xc2\x80", true},
      {"smallest of three bytes", "\xe0\xa0\x80", true},
      {"smallest of four bytes", "\xf0\x90\x80\x80", true},
      {"largest", "\xf4\x8f\xbf\xbf", true},
      {"before the surrogates", "\xed\x9f\xbf", true},
      {"after the surrogates", "\xee\x80\x80", true},
      {"past U+10FFFF", "\xf4\x90\x80\x80", false},
      {"surrogate", "\xed\xa0\x80", false},
      {"overlong slash", "\xc0\xaf", false},
      {"overlong of three bytes", "\xe0\x9f\xbf", false},
      {"overlong of four bytes", "\xf0\x8f\xbf\xbf", false},
      {"continuation alone", "\x80", false},
      {"cut short", "\xe2\x82", false},
      {"continuation missing", "\xe2\x82x", false},
      {"no such first byte", "\xff", false},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    CHECK(is_utf8(row.bytes) == row.valid);
  }
}
