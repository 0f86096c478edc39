#include "sluice/upstream/client.hpp"

#include <array>

#include "sluice/core/encoding.hpp"
#include "sluice/net/worker.hpp"

namespace sluice::upstream {
namespace {

/// A redirect's body is read when it is no longer than this, to keep the connection.
constexpr std::uint64_t kMaxRedirectBody = 64 * 1024;
constexpr auto kRedirectBodyPatience = std::chrono::milliseconds(500);
/// 1xx heads before the real one.
constexpr int kMaxInterim = 8;

/// Names why a connection broke while it waited for the head. A reused one may have been closed by
/// the origin before the request reached it, so the request may go out again on a fresh one.
Error broken_before_head(error_code error, bool reused) {
  if (net::is_cancel(error)) return net::cancel_error(error);
  if (error == asio::error::timed_out) {
    return upstream_error(Errc::first_byte_timeout, "the origin did not answer in time");
  }
  return upstream_error(Errc::connection_lost, net::describe(error),
                        reused ? Retry::on_fresh_connection : Retry::always);
}

}  // namespace

Client::Client(net::Worker& worker, net::Resolver& resolver, net::TlsContext& tls,
               const Settings& settings)
    : worker_(worker), settings_(settings), connector_(worker, resolver, tls, settings) {}

awaitable<Result<Response>> Client::open(Request request, net::CancelSignal* cancel) {
  const auto started = Clock::now();
  Clock::duration dial_time{};
  FetchPlan plan(request.url, settings_.max_redirects);
  auto send = plan.first();
  for (;;) {
    auto answer = co_await attempt(request, send, cancel, dial_time);
    auto step = answer ? plan.answered(answer->head.status, answer->head.headers.get("Location"))
                       : plan.failed(answer.error());
    if (auto* failed = std::get_if<FetchPlan::Fail>(&step)) {
      co_return std::move(failed->error);
    }
    if (std::holds_alternative<FetchPlan::Deliver>(step)) {
      co_return Response{std::move(answer->head), std::move(send.url), std::move(answer->body),
                         dial_time, Clock::now() - started};
    }
    if (answer) co_await answer->body.drain(kMaxRedirectBody, kRedirectBodyPatience);
    send = std::get<FetchPlan::Send>(std::move(step));
  }
}

awaitable<Result<Client::Answer>> Client::attempt(const Request& request,
                                                  const FetchPlan::Send& send,
                                                  net::CancelSignal* cancel,
                                                  Clock::duration& dial_time) {
  const auto started = Clock::now();
  auto connection = co_await connector_.connect(send.url, send.fresh_connection, cancel);
  dial_time += Clock::now() - started;
  if (!connection) co_return connection.error();

  const auto text = request_text(request, send);
  {
    const net::CancelScope scope(cancel, *connection->stream);
    std::array buffers{iovec{const_cast<char*>(text.data()), text.size()}};
    const auto error =
        co_await connection->stream->write_all(buffers, settings_.first_byte_timeout);
    if (error) co_return broken_before_head(error, connection->reused);
  }
  co_return co_await read_answer(*std::move(connection), request.method, cancel);
}

awaitable<Result<Client::Answer>> Client::read_answer(Connection connection, http::Method method,
                                                      net::CancelSignal* cancel) {
  auto& stream = *connection.stream;
  const net::CancelScope scope(cancel, stream);
  const auto deadline = Deadline::in(settings_.first_byte_timeout);
  if (const auto error = co_await stream.wait_readable(deadline)) {
    co_return broken_before_head(error, connection.reused);
  }
  auto buffer = worker_.buffers().take();
  const auto room = std::min(buffer.bytes().size(), settings_.max_head_bytes);
  std::size_t filled = 0;
  for (int interim = 0;;) {
    const std::string_view text(buffer.bytes().data(), filled);
    const auto end = http::find_head_end(text);
    if (end == std::string_view::npos) {
      if (filled >= room) co_return upstream_error(Errc::bad_response, "response head too long");
      auto got = co_await stream.read_some(buffer.bytes().subspan(filled), deadline);
      if (!got) co_return broken_before_head(got.error(), connection.reused && filled == 0);
      if (*got == 0) {
        co_return broken_before_head(asio::error::eof, connection.reused && filled == 0);
      }
      filled += *got;
      continue;
    }
    if (end > room) co_return upstream_error(Errc::bad_response, "response head too long");
    auto head = http::parse_response_head(text.substr(0, end), method);
    if (!head) co_return head.error();
    if (head->status < 200) {
      if (head->status == 101 || ++interim > kMaxInterim) {
        co_return upstream_error(Errc::bad_response, "unexpected interim response");
      }
      std::memmove(buffer.bytes().data(), buffer.bytes().data() + end, filled - end);
      filled -= end;
      continue;
    }
    ResponseBody::Source source{std::move(connection.stream), std::move(connection.pool_key),
                                head->keep_alive ? &connector_.pool() : nullptr, cancel,
                                settings_.idle_timeout};
    const auto framing = head->body;
    co_return Answer{*std::move(head), ResponseBody(std::move(source), framing, std::move(buffer),
                                                    end, filled - end)};
  }
}

std::string Client::request_text(const Request& request, const FetchPlan::Send& send) const {
  auto headers = request.headers;
  if (send.drop_credentials) {
    headers.remove("Authorization");
    headers.remove("Cookie");
    headers.remove("Host");  // it named the first party
  }
  auto userinfo = send.url.userinfo();
  if (userinfo.empty() && !send.drop_credentials) userinfo = request.url.userinfo();
  if (!userinfo.empty() && !headers.get("Authorization")) {
    headers.add("Authorization", "Basic " + base64_encode(percent_decode(userinfo)));
  }
  std::string text;
  text.reserve(512);
  text.append(http::to_string(request.method)).append(" ").append(send.url.target());
  text += " HTTP/1.1\r\n";
  const auto add_missing = [&](std::string_view name, std::string_view value) {
    if (!headers.get(name)) text.append(name).append(": ").append(value).append("\r\n");
  };
  add_missing("Host", send.url.host_header());
  add_missing("User-Agent", settings_.user_agent);
  add_missing("Accept", "*/*");
  add_missing("Accept-Encoding", "identity");
  headers.write_to(text);
  return text += "\r\n";
}

}  // namespace sluice::upstream
