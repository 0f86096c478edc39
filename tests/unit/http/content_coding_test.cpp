#include "sluice/http/content_coding.hpp"

#include <zlib.h>

#include <string>

#include "support/bytes.hpp"
#include "support/catch.hpp"

namespace sluice::http {
namespace {

constexpr std::size_t kPlenty = 1 << 20;

/// What zlib's own compressor makes of `text`; `window` as for deflateInit2.
std::string compressed(std::string_view text, int window) {
  z_stream stream{};
  REQUIRE(::deflateInit2(&stream, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(::deflateBound(&stream, static_cast<uLong>(text.size())) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(::deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(out.size() - stream.avail_out);
  ::deflateEnd(&stream);
  return out;
}

}  // namespace

TEST_CASE("decode_content undoes what origins use", "[http][unit]") {
  const auto text = "#EXTM3U\n" + test::random_bytes(100'000, 7);
  struct Row {
    const char* why;
    const char* coding;
    std::string body;
  };
  const Row rows[] = {
      {"none", "", text},
      {"said to be identity", "identity", text},
      {"gzip", "gzip", compressed(text, 15 + 16)},
      {"another case and blanks", " GZip ", compressed(text, 15 + 16)},
      {"its old name", "x-gzip", compressed(text, 15 + 16)},
      {"deflate as the standard means it", "deflate", compressed(text, 15)},
      {"deflate without zlib's header", "deflate", compressed(text, -15)},
      {"stray bytes behind gzip", "gzip", compressed(text, 15 + 16) + "stray"},
      {"two gzip members", "gzip",
       compressed(text.substr(0, 50), 15 + 16) + compressed(text.substr(50), 15 + 16)},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    const auto decoded = decode_content(row.coding, row.body, kPlenty);
    REQUIRE(decoded.has_value());
    CHECK(*decoded == text);
  }
}

TEST_CASE("decode_content refuses what it cannot undo", "[http][unit]") {
  const auto whole = compressed("#EXTM3U\n#EXT-X-ENDLIST\n", 15 + 16);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    INFO("cut after " << size << " bytes");
    const auto cut = decode_content("gzip", whole.substr(0, size), kPlenty);
    REQUIRE_FALSE(cut.has_value());
    CHECK(cut.error().code == Errc::bad_response);
  }
  CHECK(decode_content("br", whole, kPlenty).error().code == Errc::bad_response);
  CHECK(decode_content("gzip", "#EXTM3U", kPlenty).error().code == Errc::bad_response);
}

TEST_CASE("decode_content stops a bomb at the limit", "[http][unit]") {
  const auto bomb = compressed(std::string(10'000'000, ' '), 15 + 16);
  CHECK(bomb.size() < 20'000);
  CHECK(decode_content("gzip", bomb, 100'000).error().code == Errc::body_too_large);
}

}  // namespace sluice::http
