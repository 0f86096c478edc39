#include "request_reader.hpp"

#include <array>

#include "sluice/net/worker.hpp"

namespace sluice::server {
namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
/// How long and how much a closing connection is listened to.
constexpr auto kLinger = std::chrono::seconds(1);
constexpr std::size_t kLingerBytes = 256 * 1024;

Error read_error(error_code error) {
  if (net::is_cancel(error)) return net::cancel_error(error);
  if (error == asio::error::timed_out) return client_error(Errc::request_timeout);
  return client_error(Errc::client_gone, net::describe(error));
}

/// Empty lines before a request line are skipped; RFC 9112, 2.2.
void drop_empty_lines(std::string& text) {
  std::size_t end = 0;
  while (text.compare(end, 2, "\r\n") == 0) end += 2;
  text.erase(0, end);
}

}  // namespace

/// Appends what arrives next to ahead_; false at the end of the stream.
awaitable<Result<bool>> RequestReader::read_more(Deadline deadline) {
  if (const auto error = co_await client_.wait_readable(deadline)) co_return read_error(error);
  const auto scratch = client_.worker().scratch();
  const auto got = client_.try_read(scratch);
  if (!got) co_return read_error(got.error());
  if (!*got) co_return true;  // woken for nothing
  ahead_.append(scratch.data(), **got);
  co_return **got > 0;
}

awaitable<Result<std::optional<http::RequestHead>>> RequestReader::next(const Settings& settings,
                                                                        Clock::duration patience) {
  drop_empty_lines(ahead_);
  idle_ = ahead_.empty();
  if (idle_) std::string().swap(ahead_);  // an idle connection holds no memory
  const http::HeadLimits limits{settings.max_head_bytes, settings.max_headers};
  auto deadline = Deadline::in(idle_ ? patience : settings.head_timeout);
  for (std::size_t searched = 0;;) {
    const auto end = http::find_head_end(ahead_, searched);
    if (end == std::string::npos ? ahead_.size() > limits.max_bytes : end > limits.max_bytes) {
      co_return client_error(Errc::header_too_large,
                             "more than " + std::to_string(limits.max_bytes) + " bytes");
    }
    if (end != std::string::npos) {
      auto head = http::parse_request_head(std::string_view(ahead_).substr(0, end), limits);
      if (!head) co_return head.error();
      ahead_.erase(0, end);
      co_return *std::move(head);
    }
    if (auto sound = http::check_head_start(ahead_, searched); !sound) co_return sound.error();
    searched = ahead_.size();
    auto more = co_await read_more(deadline);
    if (!more && more.error().code == Errc::request_timeout && idle_) co_return std::nullopt;
    if (!more) co_return more.error();
    if (!*more) {
      if (ahead_.empty()) co_return std::nullopt;
      co_return client_error(Errc::client_gone, "the request broke off");
    }
    // A single byte may have been the CR of an empty line.
    if (searched < 2) {
      drop_empty_lines(ahead_);
      searched = 0;
    }
    if (idle_ && !ahead_.empty()) {
      idle_ = false;
      deadline = Deadline::in(settings.head_timeout);
    }
  }
}

awaitable<Result<std::string>> RequestReader::read_body(const Settings& settings,
                                                        const http::RequestHead& request,
                                                        Body what) {
  using Kind = http::BodyFraming::Kind;
  std::string kept;
  if (request.body.kind == Kind::none) co_return kept;
  if (request.body.kind == Kind::length && request.body.length > settings.max_body_bytes) {
    co_return client_error(Errc::payload_too_large);
  }
  if (request.expects_continue) {
    std::array buffers{iovec{const_cast<char*>(kContinue.data()), kContinue.size()}};
    if (const auto error = co_await client_.write_all(buffers, settings.send_timeout)) {
      co_return read_error(error);
    }
  }
  http::BodyDecoder decoder(request.body);
  const auto deadline = Deadline::in(settings.head_timeout);
  for (std::size_t total = 0;;) {
    auto decoded = decoder.decode({ahead_.data(), ahead_.size()});
    if (!decoded) co_return client_error(Errc::bad_request, decoded.error().context);
    total += decoded->payload;
    if (total > settings.max_body_bytes) co_return client_error(Errc::payload_too_large);
    if (what == Body::keep) kept.append(ahead_, 0, decoded->payload);
    ahead_.erase(0, decoded->consumed);
    if (decoder.finished()) co_return kept;
    auto more = co_await read_more(deadline);
    if (!more) co_return more.error();
    if (!*more) co_return client_error(Errc::client_gone, "the request body broke off");
  }
}

awaitable<void> RequestReader::linger() {
  client_.shutdown_send();
  const auto deadline = Deadline::in(kLinger);
  for (std::size_t total = 0; total < kLingerBytes;) {
    ahead_.clear();
    auto more = co_await read_more(deadline);
    if (!more || !*more) break;
    total += ahead_.size();
  }
}

}  // namespace sluice::server
