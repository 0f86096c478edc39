#include "sluice/upstream/client.hpp"

#include <array>

#include "sluice/core/encoding.hpp"
#include "sluice/net/event.hpp"
#include "sluice/net/http_connect.hpp"
#include "sluice/net/worker.hpp"
#include "sluice/upstream/resume_plan.hpp"

namespace sluice::upstream {
namespace {

/// A redirect's body is read when it is no longer than this, to keep the connection.
constexpr std::uint64_t kMaxRedirectBody = 64 * 1024;
constexpr auto kRedirectBodyPatience = std::chrono::milliseconds(500);
/// 1xx heads before the real one.
constexpr int kMaxInterim = 8;

/// Names why a connection broke while it waited for the head. The request may go out again when
/// nothing was answered; at once when the origin may have closed a reused connection before the
/// request reached it.
Error broken_before_head(error_code error, bool reused, bool answered = false) {
  if (net::is_cancel(error)) return net::cancel_error(error);
  if (error == asio::error::timed_out) {
    return upstream_error(Errc::first_byte_timeout, "the origin did not answer in time");
  }
  const auto retry = reused ? Retry::on_fresh_connection : Retry::always;
  return upstream_error(Errc::connection_lost, net::describe(error),
                        answered ? Retry::never : retry);
}

void drop_credentials(http::HeaderList& headers) {
  headers.remove("Authorization");
  headers.remove("Cookie");
  headers.remove("Host");  // it named the first party
}

/// Those in the URL, unless there are others already.
void add_credentials(http::HeaderList& headers, const Url& url) {
  if (url.userinfo().empty() || headers.get("Authorization")) return;
  headers.add("Authorization", "Basic " + base64_encode(percent_decode(url.userinfo())));
}

/// Those of `request` for one hop, with the credentials that belong to it.
http::HeaderList outgoing_headers(const Request& request, const FetchPlan::Send& send,
                                  const OutgoingProxy* forwarding) {
  auto headers = request.headers;
  if (send.drop_credentials) drop_credentials(headers);
  add_credentials(headers, send.url);
  if (!send.drop_credentials) add_credentials(headers, request.url);
  if (forwarding && !forwarding->login.empty()) {
    headers.set("Proxy-Authorization", net::basic_authorization(forwarding->login));
  }
  return headers;
}

/// What it is called that an attempt is followed by another one.
Count why_again(const Result<>& answered, unsigned status) {
  if (answered) return status / 100 == 3 ? Count::redirects : Count::retries_status;
  return answered.error().retry == Retry::on_fresh_connection ? Count::retries_stale
                                                              : Count::retries_failed;
}

/// A body that would hold its permit for too long.
bool is_long(const http::BodyFraming& body, std::uint64_t limit) {
  using Kind = http::BodyFraming::Kind;
  if (body.kind == Kind::length) return body.length > limit;
  return body.kind == Kind::chunked || body.kind == Kind::until_close;
}

/// Counts a request while it waits for its answer.
class Held {
 public:
  Held(unsigned& count, bool counts) : count_(count), counts_(counts) {
    if (counts_) ++count_;
  }
  ~Held() {
    if (counts_) --count_;
  }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

 private:
  unsigned& count_;
  bool counts_;
};

}  // namespace

Client::Client(net::Worker& worker, net::Resolver& resolver, Transport& transport,
               HostLimiter& limiter, const Settings& settings)
    : worker_(worker),
      settings_(settings),
      connector_(worker, resolver, transport, limiter, settings) {}

awaitable<Result<std::unique_ptr<Response>>> Client::open(Request&& request,
                                                          net::CancelSignal* cancel) {
  // A HEAD that fails is followed by a GET; that one is repeated.
  const auto retries = request.method == http::Method::head ? 0 : settings_.retry_attempts;
  return open(std::move(request), retries, cancel);
}

awaitable<Result<std::unique_ptr<Response>>> Client::open(Request&& request, unsigned retries,
                                                          net::CancelSignal* cancel) {
  const auto started = Clock::now();
  auto response = std::make_unique<Response>(std::move(request));
  FetchPlan plan(response->request.url, {settings_.max_redirects, retries, settings_.retry_delay});
  for (;;) {
    const auto answered = co_await attempt(*response, plan.next(), cancel);
    const auto& head = response->head;
    auto step = answered ? plan.answered(head.status, head.headers.get("Location"),
                                         head.headers.get("Retry-After"))
                         : plan.failed(answered.error());
    if (auto* failed = std::get_if<FetchPlan::Fail>(&step)) {
      co_return std::move(failed->error);
    }
    if (std::holds_alternative<FetchPlan::Deliver>(step)) {
      response->dropped_credentials = plan.next().drop_credentials;
      if (plan.next().url != response->request.url) response->moved_to = plan.next().url;
      response->first_byte = Clock::now() - started;
      co_return response;
    }
    worker_.metrics().add(why_again(answered, head.status));
    if (answered) co_await response->body.drain(kMaxRedirectBody, kRedirectBodyPatience);
    if (plan.next().pause > Clock::duration::zero()) {
      net::Event never(worker_);
      const auto why = co_await never.wait(Deadline::in(plan.next().pause), cancel);
      if (net::is_cancel(why)) co_return net::cancel_error(why);
    }
  }
}

awaitable<Result<ResponseBody>> Client::resume(const Response& broken, std::uint64_t received,
                                               unsigned attempts, net::CancelSignal* cancel) {
  auto request = broken.request;
  if (broken.dropped_credentials) {
    drop_credentials(request.headers);
  } else {
    add_credentials(request.headers, request.url);
  }
  request.url = broken.final_url();
  const auto plan = settings_.resume ? ResumePlan::make(std::move(request), broken.head)
                                     : std::optional<ResumePlan>();
  if (!plan) co_return upstream_error(Errc::resume_refused, "nothing proves what the rest is");
  auto answer = co_await open(plan->request_after(received), attempts - 1, cancel);
  if (!answer) co_return answer.error();
  if (auto sound = plan->check((*answer)->head, received); !sound) co_return sound.error();
  co_return std::move((*answer)->body);
}

awaitable<Result<>> Client::attempt(Response& response, const FetchPlan::Send& send,
                                    net::CancelSignal* cancel) {
  const auto started = Clock::now();
  const bool held = response.request.may_be_held && held_ < kMaxHeld;
  const Held counted(held_, held);
  const Connector::Wish wish{send.fresh_connection, held};
  auto connection = co_await connector_.connect(send.url, wish, cancel);
  response.dial += Clock::now() - started;
  if (!connection) co_return connection.error();

  const auto text = request_text(response.request, send, connection->forwarding);
  {
    const net::CancelScope scope(cancel, *connection->stream);
    std::array buffers{iovec{const_cast<char*>(text.data()), text.size()}};
    const auto error =
        co_await connection->stream->write_all(buffers, settings_.first_byte_timeout);
    if (error) co_return broken_before_head(error, connection->reused);
  }
  co_return co_await read_answer(response, *connection, cancel);
}

awaitable<Result<>> Client::read_answer(Response& response, Connection& connection,
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
      if (!got) co_return broken_before_head(got.error(), connection.reused, filled > 0);
      if (*got == 0) {
        co_return broken_before_head(asio::error::eof, connection.reused, filled > 0);
      }
      filled += *got;
      continue;
    }
    if (end > room) co_return upstream_error(Errc::bad_response, "response head too long");
    auto head = http::parse_response_head(text.substr(0, end), response.request.method);
    if (!head) co_return head.error();
    if (head->status < 200) {
      if (head->status == 101 || ++interim > kMaxInterim) {
        co_return upstream_error(Errc::bad_response, "unexpected interim response");
      }
      std::memmove(buffer.bytes().data(), buffer.bytes().data() + end, filled - end);
      filled -= end;
      continue;
    }
    if (head->status == 407 && connection.forwarding) {
      co_return upstream_error(Errc::proxy_auth, connection.forwarding->login.empty()
                                                     ? "it wants them, and none are set"
                                                     : "it refuses them");
    }
    if (is_long(head->body, settings_.limiter_release_after)) connection.permit.give_back();
    ResponseBody::Source source{std::move(connection.stream),
                                std::move(connection.pool_key),
                                head->keep_alive ? &connector_.pool() : nullptr,
                                cancel,
                                settings_.idle_timeout,
                                std::move(connection.permit)};
    response.body =
        ResponseBody(std::move(source), head->body, std::move(buffer), end, filled - end);
    response.head = *std::move(head);
    co_return Result<>();
  }
}

std::string Client::request_text(const Request& request, const FetchPlan::Send& send,
                                 const OutgoingProxy* forwarding) const {
  const bool login = forwarding && !forwarding->login.empty();
  const bool as_asked = !login && !send.drop_credentials && send.url.userinfo().empty() &&
                        request.url.userinfo().empty();
  const auto changed = as_asked ? http::HeaderList() : outgoing_headers(request, send, forwarding);
  const auto& headers = as_asked ? request.headers : changed;
  std::string text;
  text.reserve(512);
  text.append(http::to_string(request.method)).append(" ");
  if (forwarding) text += send.url.origin();  // absolute-form, RFC 9112, 3.2.2
  text += send.url.target();
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
