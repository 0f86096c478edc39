#include "sluice/http/content_coding.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <memory>

#include "sluice/core/text.hpp"

namespace sluice::http {
namespace {

/// zlib's window argument: 32 KiB, and the header to expect.
constexpr int kGzipOrZlib = 15 + 32;
constexpr int kRaw = -15;

struct InflateEnd {
  void operator()(z_stream* stream) const noexcept { ::inflateEnd(stream); }
};

Error broken() {
  return upstream_error(Errc::bad_response, "its compressed body is broken");
}

Result<std::string> inflate_all(std::string_view body, int window, std::size_t max_bytes) {
  z_stream stream{};
  if (::inflateInit2(&stream, window) != Z_OK) return internal_error("inflateInit2");
  const std::unique_ptr<z_stream, InflateEnd> guard(&stream);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
  stream.avail_in = static_cast<uInt>(body.size());
  std::string out;
  std::array<char, 16 * 1024> piece;
  for (int state = Z_OK; state != Z_STREAM_END;) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = piece.size();
    state = ::inflate(&stream, Z_NO_FLUSH);
    if (state != Z_OK && state != Z_STREAM_END) return broken();
    out.append(piece.data(), piece.size() - stream.avail_out);
    if (out.size() > max_bytes) {
      return upstream_error(Errc::body_too_large, "its decompressed body");
    }
    // A second gzip member may follow the first, RFC 1952, 2.2; anything else is ignored.
    const std::string_view rest = body.substr(body.size() - stream.avail_in);
    if (state == Z_STREAM_END && window == kGzipOrZlib && rest.starts_with("\x1f\x8b")) {
      if (::inflateReset(&stream) != Z_OK) return broken();
      state = Z_OK;
    }
  }
  return out;
}

}  // namespace

Result<std::string> decode_content(std::string_view coding, std::string body,
                                   std::size_t max_bytes) {
  coding = trim(coding);
  if (coding.empty() || iequals(coding, "identity")) return body;
  if (iequals(coding, "gzip") || iequals(coding, "x-gzip")) {
    return inflate_all(body, kGzipOrZlib, max_bytes);
  }
  if (iequals(coding, "deflate")) {
    // Meant is zlib's format, RFC 9110, 8.4.1.2; some origins send it without its header.
    auto whole = inflate_all(body, kGzipOrZlib, max_bytes);
    if (whole || whole.error().code == Errc::body_too_large) return whole;
    return inflate_all(body, kRaw, max_bytes);
  }
  return upstream_error(Errc::bad_response, "its body has an unknown Content-Encoding");
}

}  // namespace sluice::http
