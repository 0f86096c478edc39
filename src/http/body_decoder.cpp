#include "sluice/http/body_decoder.hpp"

#include <algorithm>
#include <cstring>

namespace sluice::http {

BodyDecoder::BodyDecoder(BodyFraming framing) noexcept {
  using Kind = BodyFraming::Kind;
  switch (framing.kind) {
    case Kind::none: break;
    case Kind::length:
      remaining_ = framing.length;
      if (remaining_ > 0) state_ = State::data;
      break;
    case Kind::chunked:
      chunked_ = true;
      state_ = State::size;
      break;
    case Kind::until_close: state_ = State::until_close; break;
  }
}

Result<BodyDecoder::Decoded> BodyDecoder::decode(std::span<char> input) {
  if (state_ == State::until_close) return Decoded{input.size(), input.size()};
  std::size_t read = 0;
  std::size_t written = 0;
  while (read < input.size() && state_ != State::finished) {
    if (state_ != State::data) {
      if (!step(input[read++])) {
        return upstream_error(Errc::bad_response, "broken chunk framing");
      }
      continue;
    }
    const auto take =
        static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, input.size() - read));
    if (read != written) std::memmove(input.data() + written, input.data() + read, take);
    read += take;
    written += take;
    remaining_ -= take;
    if (remaining_ == 0) state_ = chunked_ ? State::data_cr : State::finished;
  }
  return Decoded{written, read};
}

Result<> BodyDecoder::end_of_stream() {
  if (state_ == State::until_close) state_ = State::finished;
  if (state_ == State::finished) return {};
  return upstream_error(Errc::body_cut, "the body ended before its announced end");
}

bool BodyDecoder::size_digit(char c) noexcept {
  const unsigned value = c >= '0' && c <= '9'   ? static_cast<unsigned>(c - '0')
                         : c >= 'a' && c <= 'f' ? static_cast<unsigned>(c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? static_cast<unsigned>(c - 'A' + 10)
                                                : 16u;
  if (value == 16 || ++digits_ > 15) return false;
  remaining_ = remaining_ * 16 + value;
  return true;
}

/// What may follow a chunk's size: white space, an extension, the end of the line.
bool BodyDecoder::end_of_size(char c) noexcept {
  state_ = c == '\r' ? State::size_lf : c == ';' ? State::extension : State::size_space;
  return c == '\r' || c == ';' || c == ' ' || c == '\t';
}

bool BodyDecoder::step(char c) noexcept {
  switch (state_) {
    case State::size:
      if (c == '\r' || c == ';' || c == ' ' || c == '\t') return digits_ > 0 && end_of_size(c);
      return size_digit(c);
    case State::size_space: return ++line_bytes_ <= kMaxChunkLine && end_of_size(c);
    case State::extension:
      if (c == '\r') state_ = State::size_lf;
      return c != '\n' && ++line_bytes_ <= kMaxChunkLine;
    case State::size_lf:
      state_ = remaining_ > 0 ? State::data : State::trailer;
      digits_ = 0;
      line_bytes_ = 0;
      return c == '\n';
    case State::data_cr: state_ = State::data_lf; return c == '\r';
    case State::data_lf: state_ = State::size; return c == '\n';
    case State::trailer:
      state_ = c == '\r' ? State::trailer_lf : State::trailer_line;
      return c != '\n' && ++line_bytes_ <= kMaxTrailers;
    case State::trailer_line:
      if (c == '\r') state_ = State::trailer_line_lf;
      return c != '\n' && ++line_bytes_ <= kMaxTrailers;
    case State::trailer_line_lf: state_ = State::trailer; return c == '\n';
    case State::trailer_lf: state_ = State::finished; return c == '\n';
    case State::data:
    case State::until_close:
    case State::finished: break;
  }
  return false;
}

}  // namespace sluice::http
