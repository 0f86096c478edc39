#include "support/http_reader.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <utility>

namespace sluice::test {
namespace {

constexpr std::size_t kLineLimit = std::size_t{256} * 1024;
constexpr std::size_t kHeaderLimit = 1000;

std::string describe(IoStatus status) {
  switch (status) {
    case IoStatus::end: return "the peer closed the connection";
    case IoStatus::timed_out: return "timed out";
    case IoStatus::stopped: return "stopped";
    case IoStatus::ok:
    case IoStatus::broken: break;
  }
  return "the connection broke";
}

bool is_token_char(char c) noexcept {
  if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')) return true;
  return std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_control(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7F;
}

/// The whole of `text` as an unsigned number: digits only, at least one, no overflow.
std::optional<std::uint64_t> parse_number(std::string_view text, int base) noexcept {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, base);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

/// Extensions after ';', and blanks before it, are allowed and mean nothing (RFC 9112, 7.1.1).
std::optional<std::uint64_t> parse_chunk_size(std::string_view line) noexcept {
  const auto extension = line.find(';');
  if (extension != std::string_view::npos) {
    line = line.substr(0, line.find_last_not_of(" \t;", extension) + 1);
  }
  return parse_number(line, 16);
}

}  // namespace

bool is_token(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

void HttpReader::begin(TimePoint deadline) {
  deadline_ = deadline;
  status_ = IoStatus::ok;
  problem_.clear();
  failed_ = false;
}

bool HttpReader::fail(std::string problem) {
  if (!failed_) problem_ = std::move(problem);
  failed_ = true;
  return false;
}

bool HttpReader::fill() {
  if (failed_) return false;
  // Without this look at the clock a peer that never pauses would never be timed out.
  const bool late = std::chrono::steady_clock::now() >= deadline_;
  std::array<char, 65536> piece;
  const IoResult result = late ? IoResult{IoStatus::timed_out, 0}
                               : stream_.read_some(piece.data(), piece.size(), deadline_);
  status_ = result.status;
  if (result.status != IoStatus::ok) return fail(describe(result.status));
  buffer_.erase(0, std::exchange(taken_, 0));
  buffer_.append(piece.data(), result.bytes);
  return true;
}

bool HttpReader::wait_for_byte() {
  return !failed_ && (!buffered().empty() || fill());
}

bool HttpReader::read_line(std::string& line) {
  std::size_t searched = 0;
  std::size_t end = std::string_view::npos;
  while (!failed_ && (end = buffered().find('\n', searched)) == std::string_view::npos) {
    searched = buffered().size();
    if (searched > kLineLimit) return fail("a line is too long");
    fill();
  }
  if (failed_) return false;
  line = buffered().substr(0, end);
  taken_ += end + 1;
  if (line.empty() || line.back() != '\r') return fail("a line ends with a bare LF");
  line.pop_back();
  if (line.find('\r') != std::string::npos) return fail("a bare CR in a line");
  if (line.find('\0') != std::string::npos) return fail("a NUL in a line");
  return true;
}

bool HttpReader::read_headers(Headers& headers) {
  std::string line;
  while (read_line(line)) {
    if (line.empty()) return true;
    if (headers.size() == kHeaderLimit) return fail("too many header lines");
    if (!parse_header_line(line, headers)) return false;
  }
  return false;
}

bool HttpReader::parse_header_line(std::string_view line, Headers& headers) {
  if (line.front() == ' ' || line.front() == '\t') return fail("a folded header line");
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return fail("a header line without a colon");
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (!is_token(name)) return fail("a header name that is no token");
  if (std::any_of(value.begin(), value.end(), is_control)) {
    return fail("a control character in header " + std::string(name));
  }
  headers.add(std::string(name), std::string(value));
  return true;
}

bool HttpReader::read_some(std::string& out, std::uint64_t limit) {
  if (!wait_for_byte()) return false;
  const std::string_view piece =
      buffered().substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(limit, SIZE_MAX)));
  out.append(piece);
  taken_ += piece.size();
  return true;
}

std::optional<BodyEnd> find_framing(HttpReader& reader, const Headers& headers, BodyEnd unframed,
                                    std::uint64_t& length) {
  const auto lengths = headers.all("Content-Length");
  const auto codings = headers.all("Transfer-Encoding");
  const auto refuse = [&](std::string why) {
    reader.fail(std::move(why));
    return std::nullopt;
  };
  if (!lengths.empty() && !codings.empty()) {
    return refuse("both Content-Length and Transfer-Encoding");
  }
  if (codings.size() == 1 && equal_ignoring_case(codings[0], "chunked")) return BodyEnd::chunked;
  if (!codings.empty()) return refuse("Transfer-Encoding other than chunked: " + codings[0]);
  if (lengths.empty()) return unframed;
  if (lengths.size() > 1) return refuse("more than one Content-Length");
  const auto number = parse_number(lengths[0], 10);
  if (!number) return refuse("Content-Length is no number: " + lengths[0]);
  length = *number;
  return BodyEnd::length;
}

bool BodyReader::step(HttpReader& reader, std::string& body, Headers& trailers) {
  switch (end_) {
    case BodyEnd::length: return step_length(reader, body);
    case BodyEnd::chunked: return step_chunked(reader, body, trailers);
    case BodyEnd::close: return step_close(reader, body);
    case BodyEnd::none: break;
  }
  return true;
}

bool BodyReader::step_length(HttpReader& reader, std::string& body) {
  const std::size_t before = body.size();
  if (!reader.read_some(body, left_)) return false;
  left_ -= body.size() - before;
  done_ = left_ == 0;
  return true;
}

bool BodyReader::step_close(HttpReader& reader, std::string& body) {
  if (reader.read_some(body, UINT64_MAX)) return true;
  done_ = reader.status() == IoStatus::end;
  return done_;
}

bool BodyReader::step_chunked(HttpReader& reader, std::string& body, Headers& trailers) {
  std::string line;
  if (in_chunk_) {
    if (!step_length(reader, body)) return false;
    if (!std::exchange(done_, false)) return true;
    in_chunk_ = false;
    if (!reader.read_line(line)) return false;
    return line.empty() || reader.fail("a chunk is longer than its size says");
  }
  if (!reader.read_line(line)) return false;
  const auto size = parse_chunk_size(line);
  if (!size) return reader.fail("a chunk size is no number: " + line);
  if (*size == 0) {
    done_ = reader.read_headers(trailers);
    return done_;
  }
  left_ = *size;
  in_chunk_ = true;
  return true;
}

}  // namespace sluice::test
