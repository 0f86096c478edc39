#include "sluice/http/body_writer.hpp"

#include <fmt/format.h>

#include <array>

#include "sluice/net/worker.hpp"

namespace sluice::http {
namespace {

iovec view(std::string_view text) {
  return {const_cast<char*>(text.data()), text.size()};
}

Error client_failure(error_code error) {
  if (net::is_cancel(error)) return net::cancel_error(error);
  if (error == asio::error::timed_out) {
    return client_error(Errc::client_stalled, "the client stopped reading");
  }
  return client_error(Errc::client_gone, net::describe(error));
}

}  // namespace

void BodyWriter::start(std::string head, BodyFraming framing, bool send_body) {
  head_ = std::move(head);
  framing_ = framing;
  send_body_ = send_body;
  body_bytes_ = 0;
}

awaitable<Result<>> BodyWriter::send(std::span<iovec> buffers, std::size_t body) {
  touched_ = true;
  const auto error = co_await client_.write_all(buffers, patience_);
  head_.clear();
  if (error) co_return client_failure(error);
  client_.worker().metrics().add(Count::bytes_copied, body);
  co_return Result<>();
}

awaitable<Result<>> BodyWriter::flush() {
  if (head_.empty()) co_return Result<>();
  std::array buffers{view(head_)};
  co_return co_await send(buffers);
}

awaitable<Result<>> BodyWriter::write(net::ConstBytes bytes) {
  if (bytes.empty()) co_return Result<>();
  body_bytes_ += bytes.size();
  if (framing_.kind == BodyFraming::Kind::none ||
      (framing_.kind == BodyFraming::Kind::length && body_bytes_ > framing_.length)) {
    co_return internal_error("the body is longer than announced");
  }
  if (!send_body_) co_return Result<>();
  const std::string_view body(bytes.data(), bytes.size());
  if (framing_.kind != BodyFraming::Kind::chunked) {
    std::array buffers{view(head_), view(body)};
    co_return co_await send(buffers, body.size());
  }
  std::array<char, 20> size_line;
  const auto end = fmt::format_to(size_line.data(), "{:x}\r\n", body.size());
  std::array buffers{view(head_),
                     view({size_line.data(), static_cast<std::size_t>(end - size_line.data())}),
                     view(body), view("\r\n")};
  co_return co_await send(buffers, body.size());
}

Result<> BodyWriter::try_splice(net::SplicePipe& pipe) {
  while (pipe.held() > 0) {
    if (body_bytes_ + pipe.held() > framing_.length) {
      return internal_error("the body is longer than announced");
    }
    const auto sent = client_.try_splice_out(pipe);
    if (!sent) return client_failure(sent.error());
    if (!*sent) break;
    body_bytes_ += **sent;
    client_.worker().metrics().add(Count::bytes_spliced, **sent);
  }
  return {};
}

awaitable<Result<>> BodyWriter::splice(net::SplicePipe& pipe) {
  for (;;) {
    if (auto sent = try_splice(pipe); !sent) co_return sent;
    if (pipe.held() == 0) co_return Result<>();
    if (const auto error = co_await client_.wait_for_room(patience_)) {
      co_return client_failure(error);
    }
  }
}

awaitable<Result<>> BodyWriter::finish() {
  if (send_body_ && framing_.kind == BodyFraming::Kind::length && body_bytes_ < framing_.length) {
    co_return internal_error("the body is shorter than announced");
  }
  const bool last_chunk = send_body_ && framing_.kind == BodyFraming::Kind::chunked;
  if (head_.empty() && !last_chunk) {
    finished_ = true;
    co_return Result<>();
  }
  std::array buffers{view(head_), view(last_chunk ? "0\r\n\r\n" : "")};
  auto sent = co_await send(buffers);
  finished_ = sent.has_value();
  co_return sent;
}

}  // namespace sluice::http
