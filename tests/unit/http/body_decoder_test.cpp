#include "sluice/http/body_decoder.hpp"

#include <optional>
#include <string>

#include "support/bytes.hpp"
#include "support/catch.hpp"

using namespace sluice;
using namespace sluice::http;

namespace {

using Kind = BodyFraming::Kind;
constexpr BodyFraming kChunked{Kind::chunked, 0};

struct Outcome {
  std::string payload;
  std::string rest;  ///< input behind the body's end
  std::optional<Errc> error;
  bool finished = false;

  bool operator==(const Outcome&) const = default;
};

/// Feeds `wire` in pieces of `piece` bytes.
Outcome decode(BodyFraming framing, const std::string& wire, std::size_t piece) {
  Outcome outcome;
  BodyDecoder decoder(framing);
  std::size_t at = 0;
  while (at < wire.size() && !decoder.finished()) {
    auto chunk = wire.substr(at, piece);
    const auto decoded = decoder.decode({chunk.data(), chunk.size()});
    if (!decoded) {
      outcome.error = decoded.error().code;
      CHECK(decoded.error().origin == Origin::upstream);
      return outcome;
    }
    outcome.payload.append(chunk, 0, decoded->payload);
    at += decoded->consumed;
    CHECK((decoded->consumed == chunk.size() || decoder.finished()));
  }
  outcome.rest = wire.substr(at);
  outcome.finished = decoder.finished();
  return outcome;
}

/// The same whole and in pieces.
Outcome decode_all_ways(BodyFraming framing, const std::string& wire) {
  const auto whole = decode(framing, wire, wire.size() + 1);
  for (const std::size_t piece : {1, 2, 3, 7, 4096}) {
    CAPTURE(piece);
    auto pieces = decode(framing, wire, piece);
    // How much was delivered before the error depends on the pieces.
    if (whole.error) pieces.payload = whole.payload;
    CHECK(pieces == whole);
  }
  return whole;
}

}  // namespace

TEST_CASE("BodyDecoder takes well-formed framing off", "[http][unit]") {
  struct Row {
    const char* why;
    BodyFraming framing;
    std::string wire;
    Outcome outcome;
  };
  const auto large = test::random_bytes(10'000);
  const Row rows[] = {
      {"no body", {}, "next", {"", "next", {}, true}},
      {"length", {Kind::length, 5}, "hellonext", {"hello", "next", {}, true}},
      {"length zero", {Kind::length, 0}, "next", {"", "next", {}, true}},
      {"length not reached", {Kind::length, 9}, "hello", {"hello", "", {}, false}},
      {"up to the close", {Kind::until_close, 0}, "hello", {"hello", "", {}, false}},
      {"one chunk", kChunked, "5\r\nhello\r\n0\r\n\r\nnext", {"hello", "next", {}, true}},
      {"several chunks",
       kChunked,
       "1\r\na\r\n2\r\nbc\r\n3\r\ndef\r\n0\r\n\r\n",
       {"abcdef", "", {}, true}},
      {"only the last chunk", kChunked, "0\r\n\r\nnext", {"", "next", {}, true}},
      {"hex in both cases",
       kChunked,
       "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n",
       {"01234567890123456789", "", {}, true}},
      {"leading zeros", kChunked, "0005\r\nhello\r\n000\r\n\r\n", {"hello", "", {}, true}},
      {"large chunk", kChunked, "2710\r\n" + large + "\r\n0\r\n\r\n", {large, "", {}, true}},
      {"data like framing",
       kChunked,
       "7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n",
       {"\r\n0\r\n\r\n", "", {}, true}},
      {"extensions", kChunked, "5;a=b;c=\"d;e\"\r\nhello\r\n0;x\r\n\r\n", {"hello", "", {}, true}},
      {"white space after the size",
       kChunked,
       "5 \t\r\nhello\r\n0 ;a\r\n\r\n",
       {"hello", "", {}, true}},
      {"trailers", kChunked, "1\r\na\r\n0\r\nX: y\r\nZ:\r\n\r\nnext", {"a", "next", {}, true}},
      {"not ended", kChunked, "5\r\nhello\r\n0\r\n", {"hello", "", {}, false}},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    const auto outcome = decode_all_ways(row.framing, row.wire);
    CHECK(outcome == row.outcome);
  }
}

TEST_CASE("BodyDecoder refuses broken chunks", "[http][unit]") {
  struct Row {
    const char* why;
    std::string wire;
  };
  const Row rows[] = {
      {"no digits", "\r\n"},
      {"not hexadecimal", "g\r\n"},
      {"sign", "-1\r\n"},
      {"0x", "0x1\r\na\r\n"},
      {"white space first", " 1\r\na\r\n"},
      {"extension first", ";a\r\n"},
      {"something after white space", "1 1\r\na\r\n"},
      {"too many digits", "1000000000000000\r\n"},
      {"LF ends the size", "1\na\r\n"},
      {"CR ends the size", "1\ra\r\n"},
      {"LF in an extension", "1;a\nb\r\na\r\n"},
      {"CR in an extension", "1;a\rb\r\na\r\n"},
      {"long extension", "1;" + std::string(BodyDecoder::kMaxChunkLine + 1, 'a')},
      {"long white space", "1" + std::string(BodyDecoder::kMaxChunkLine + 2, ' ')},
      {"data too long", "1\r\nab\r\n"},
      {"LF after the data", "1\r\na\n0\r\n\r\n"},
      {"CR alone after the data", "1\r\na\r0\r\n\r\n"},
      {"LF ends a trailer", "0\r\nX: y\n\r\n"},
      {"CR ends a trailer", "0\r\nX: y\rZ\r\n\r\n"},
      {"LF first in a trailer", "0\r\n\n"},
      {"CR without LF at the end", "0\r\n\rx"},
      {"long trailers", "0\r\nX: " + std::string(BodyDecoder::kMaxTrailers, 'a')},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    CHECK(decode_all_ways(kChunked, row.wire).error == Errc::bad_response);
  }
}

TEST_CASE("BodyDecoder's limits count a line each, not the whole body", "[http][unit]") {
  std::string wire;
  std::string payload;
  for (int i = 0; i < 100; ++i) {
    wire += "1;" + std::string(BodyDecoder::kMaxChunkLine - 10, 'e') + "\r\na\r\n";
    payload += 'a';
  }
  wire += "0\r\nX: " + std::string(BodyDecoder::kMaxTrailers - 100, 't') + "\r\n\r\n";
  CHECK(decode_all_ways(kChunked, wire) == Outcome{payload, "", {}, true});
}

TEST_CASE("BodyDecoder finds every truncation", "[http][unit]") {
  const std::string wire = "5;x\r\nhello\r\n0\r\nX: y\r\n\r\n";
  for (std::size_t size = 0; size < wire.size(); ++size) {
    CAPTURE(size);
    BodyDecoder decoder(kChunked);
    auto part = wire.substr(0, size);
    REQUIRE(decoder.decode({part.data(), part.size()}).has_value());
    CHECK_FALSE(decoder.finished());
    const auto end = decoder.end_of_stream();
    REQUIRE_FALSE(end.has_value());
    CHECK(end.error().code == Errc::body_cut);
  }
}

TEST_CASE("BodyDecoder ends with the connection only where that is the framing", "[http][unit]") {
  std::string bytes = "abc";
  BodyDecoder open({Kind::until_close, 0});
  REQUIRE(open.decode({bytes.data(), bytes.size()}).has_value());
  CHECK(open.end_of_stream().has_value());
  CHECK(open.finished());

  BodyDecoder length({Kind::length, 4});
  CHECK(length.remaining() == 4);
  REQUIRE(length.decode({bytes.data(), bytes.size()}).has_value());
  CHECK(length.remaining() == 1);
  CHECK_FALSE(length.end_of_stream().has_value());

  BodyDecoder none;
  CHECK(none.finished());
  CHECK(none.end_of_stream().has_value());
}
