#include "sluice/net/proxy_dialogue.hpp"

#include <array>
#include <utility>

#include "sluice/net/stream.hpp"

namespace sluice::net {
namespace {

Error broken(error_code error) {
  if (is_cancel(error)) return cancel_error(error);
  if (error == asio::error::timed_out) return upstream_error(Errc::proxy_timeout);
  return upstream_error(Errc::proxy_failed, "it closed the connection: " + describe(error),
                        Retry::always);
}

awaitable<error_code> send_all(Stream& stream, std::string& bytes, Deadline deadline) {
  std::array buffers{iovec{bytes.data(), bytes.size()}};
  co_return co_await stream.write_all(buffers, deadline.at() - Clock::now());
}

awaitable<error_code> read_exactly(Stream& stream, std::string& into, std::size_t count,
                                   Deadline deadline) {
  into.resize(count);
  for (std::size_t filled = 0; filled < count;) {
    const auto got = co_await stream.read_some(Bytes(into).subspan(filled), deadline);
    if (!got) co_return got.error();
    if (*got == 0) co_return asio::error::eof;
    filled += *got;
  }
  co_return error_code();
}

}  // namespace

awaitable<Result<>> open_tunnel(Stream& stream, ProxyDialogue& dialogue, Deadline deadline) {
  auto step = dialogue.begin();
  std::string answer;
  while (step) {
    if (!step->send.empty()) {
      if (const auto error = co_await send_all(stream, step->send, deadline)) {
        co_return broken(error);
      }
    }
    if (step->read == 0) co_return Result<>();
    // A peer that drips never lets a wait time out.
    if (deadline.expired(Clock::now())) co_return upstream_error(Errc::proxy_timeout);
    if (const auto error = co_await read_exactly(stream, answer, step->read, deadline)) {
      co_return broken(error);
    }
    step = dialogue.got(answer);
  }
  co_return std::move(step).error();
}

}  // namespace sluice::net
