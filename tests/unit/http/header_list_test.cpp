#include "sluice/http/header_list.hpp"

#include <string>

#include "support/catch.hpp"

using sluice::http::HeaderList;

namespace {

std::string text_of(const HeaderList& headers) {
  std::string text;
  headers.write_to(text);
  return text;
}

}  // namespace

TEST_CASE("HeaderList keeps order and spelling", "[http][unit]") {
  HeaderList headers;
  CHECK(text_of(headers).empty());
  headers.add("X-One", "1");
  headers.add("x-two", "");
  headers.add("X-ONE", "3");
  CHECK(headers.size() == 3);
  CHECK(text_of(headers) == "X-One: 1\r\nx-two: \r\nX-ONE: 3\r\n");
  CHECK(headers[2].name == "X-ONE");
  CHECK(headers[2].value == "3");
}

TEST_CASE("HeaderList finds names in any case", "[http][unit]") {
  HeaderList headers;
  headers.add("Range", "bytes=0-");
  headers.add("Empty", "");
  headers.add("range", "second");
  CHECK(headers.get("rAnGe") == "bytes=0-");
  CHECK(headers.value("RANGE") == "bytes=0-");
  CHECK(headers.count("range") == 2);
  CHECK(headers.get("Empty") == "");
  CHECK_FALSE(headers.get("Rang"));
  CHECK(headers.value("Ranges").empty());
  CHECK(headers.count("Ranges") == 0);
}

TEST_CASE("HeaderList replaces and removes every field of a name", "[http][unit]") {
  HeaderList headers;
  headers.add("A", "1");
  headers.add("B", "2");
  headers.add("a", "3");
  headers.set("A", "4");
  CHECK(text_of(headers) == "B: 2\r\nA: 4\r\n");
  headers.set("C", "5");
  headers.remove("b");
  headers.remove("absent");
  CHECK(text_of(headers) == "A: 4\r\nC: 5\r\n");
}

TEST_CASE("HeaderList takes views into itself", "[http][unit]") {
  HeaderList headers;
  headers.add("Referrer", std::string(100, 'r'));
  headers.set("Referer", headers.value("Referrer"));
  headers.set("Referer", headers.value("Referer"));
  CHECK(headers.count("Referer") == 1);
  CHECK(headers.value("Referer") == std::string(100, 'r'));
}

TEST_CASE("HeaderList knows the tokens of lists", "[http][unit]") {
  struct Row {
    const char* why;
    std::string_view value;
    bool has;
  };
  const Row rows[] = {
      {"alone", "close", true},
      {"any case", "Close", true},
      {"first", "close, x", true},
      {"last, white space", "x ,\tclose ", true},
      {"empty elements", ",,close,", true},
      {"part of a word", "closed", false},
      {"two words", "close x", false},
      {"empty", "", false},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    HeaderList headers;
    headers.add("Other", "close");
    headers.add("Connection", "x");
    headers.add("connection", row.value);
    CHECK(headers.has_token("Connection", "close") == row.has);
  }
}
