#pragma once

#include <cstdint>
#include <span>

#include "sluice/core/error.hpp"

namespace sluice::http {

/// How a message body ends. RFC 9112, 6.
struct BodyFraming {
  enum class Kind : std::uint8_t { none, length, chunked, until_close };
  Kind kind = Kind::none;
  std::uint64_t length = 0;  ///< with Kind::length

  friend bool operator==(const BodyFraming&, const BodyFraming&) = default;
};

/// Takes the framing off a message body, in place and without I/O. RFC 9112, 6 and 7.
class BodyDecoder {
 public:
  /// Bytes of one chunk's size line, and of all trailers, before the body counts as broken.
  static constexpr std::size_t kMaxChunkLine = 1024;
  static constexpr std::size_t kMaxTrailers = 16 * 1024;

  BodyDecoder() = default;
  explicit BodyDecoder(BodyFraming framing) noexcept;

  struct Decoded {
    std::size_t payload;   ///< bytes of body, moved to the front of the input
    std::size_t consumed;  ///< bytes of input used; less than all only at the body's end
  };
  /// Decodes what arrived next. bad_response (origin upstream) on broken chunk framing.
  [[nodiscard]] Result<Decoded> decode(std::span<char> input);

  /// The connection ended: fine only where that is how the body ends. body_cut otherwise.
  [[nodiscard]] Result<> end_of_stream();

  /// What follows is payload only, up to the body's known end: it may be moved without a look at
  /// it.
  [[nodiscard]] bool is_plain() const noexcept { return state_ == State::data && !chunked_; }
  /// `count` bytes of a plain body, at most remaining(), went another way.
  void skip(std::uint64_t count) noexcept {
    remaining_ -= count;
    if (remaining_ == 0) state_ = State::finished;
  }

  [[nodiscard]] bool finished() const noexcept { return state_ == State::finished; }
  /// Bytes of payload still to come, where the framing says so.
  [[nodiscard]] std::uint64_t remaining() const noexcept { return remaining_; }

 private:
  enum class State : std::uint8_t {
    size,        ///< hex digits of a chunk size
    size_space,  ///< white space after them
    extension,   ///< after ';', up to CR
    size_lf,     ///< the LF of the size line
    data,        ///< inside a chunk, or a body of known length
    data_cr,     ///< CRLF after a chunk
    data_lf,
    trailer,          ///< start of a trailer line
    trailer_line,     ///< inside one, up to CR
    trailer_line_lf,  ///< its LF
    trailer_lf,       ///< LF of the empty line that ends everything
    until_close,
    finished,
  };

  [[nodiscard]] bool step(char c) noexcept;
  [[nodiscard]] bool size_digit(char c) noexcept;
  [[nodiscard]] bool end_of_size(char c) noexcept;

  State state_ = State::finished;
  bool chunked_ = false;
  std::uint8_t digits_ = 0;
  std::uint32_t line_bytes_ = 0;
  std::uint64_t remaining_ = 0;
};

}  // namespace sluice::http
