#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "support/byte_stream.hpp"
#include "support/http_headers.hpp"

namespace sluice::test {

/// Reads HTTP/1.1 strictly from a stream: what RFC 9112 forbids is malformed, never repaired.
///
/// Failure is sticky until the next `begin()`: every function then returns false at once,
/// `problem()` says what happened and `status()` whether the stream or only the syntax is to blame.
class HttpReader {
 public:
  /// `stream` must outlive the reader.
  explicit HttpReader(ByteStream& stream) : stream_(stream) {}

  /// Starts a message; reads that follow give up at `deadline`.
  void begin(TimePoint deadline);

  /// Waits for the first byte; false when there is none to come.
  bool wait_for_byte();
  /// One line without its CRLF, which is required; bare CR, bare LF and NUL are malformed.
  bool read_line(std::string& line);
  /// Header lines up to and including the empty one.
  bool read_headers(Headers& headers);
  /// Appends what is there to `out`, at least one byte and at most `limit`.
  bool read_some(std::string& out, std::uint64_t limit);

  /// Makes the message malformed, for rules that only the caller knows. Returns false.
  bool fail(std::string problem);

  [[nodiscard]] bool failed() const noexcept { return failed_; }
  /// How the stream stopped; ok when the syntax was to blame.
  [[nodiscard]] IoStatus status() const noexcept { return status_; }
  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }
  /// Bytes read from the stream but not taken yet.
  [[nodiscard]] std::string_view buffered() const noexcept {
    return std::string_view(buffer_).substr(taken_);
  }
  /// Reads from the stream into the buffer once.
  bool fill();

 private:
  bool parse_header_line(std::string_view line, Headers& headers);

  ByteStream& stream_;
  std::string buffer_;
  std::size_t taken_ = 0;  ///< bytes at the front of the buffer that are used up
  TimePoint deadline_ = kNever;
  IoStatus status_ = IoStatus::ok;
  std::string problem_;
  bool failed_ = false;
};

/// How a message's body ends.
enum class BodyEnd : std::uint8_t { none, length, chunked, close };

/// Finds the framing in `headers` (RFC 9112, 6.3): nullopt, with the reader failed, when it is
/// forbidden or ambiguous (both kinds, two lengths, a length that is no number, an unknown coding).
/// Without any framing the answer is `unframed`. `length` is set for BodyEnd::length.
[[nodiscard]] std::optional<BodyEnd> find_framing(HttpReader& reader, const Headers& headers,
                                                  BodyEnd unframed, std::uint64_t& length);

/// Takes a body off a reader piece by piece, decoding chunks.
class BodyReader {
 public:
  BodyReader() = default;
  BodyReader(BodyEnd end, std::uint64_t length) : end_(end), left_(length) {
    done_ = end == BodyEnd::none || (end == BodyEnd::length && length == 0);
  }

  /// Appends the next piece to `body`; trailers go to `trailers`. False when it failed.
  bool step(HttpReader& reader, std::string& body, Headers& trailers);
  [[nodiscard]] bool done() const noexcept { return done_; }

 private:
  bool step_length(HttpReader& reader, std::string& body);
  bool step_chunked(HttpReader& reader, std::string& body, Headers& trailers);
  bool step_close(HttpReader& reader, std::string& body);

  BodyEnd end_ = BodyEnd::none;
  std::uint64_t left_ = 0;  ///< of the body, or of the chunk
  bool in_chunk_ = false;
  bool done_ = true;
};

/// Whether `text` is a token (RFC 9110, 5.6.2), as methods and header names are.
[[nodiscard]] bool is_token(std::string_view text) noexcept;

}  // namespace sluice::test
