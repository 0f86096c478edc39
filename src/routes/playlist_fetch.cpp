#include "playlist_fetch.hpp"

#include <fmt/format.h>

#include "second_try.hpp"
#include "sluice/core/encoding.hpp"
#include "sluice/core/log.hpp"
#include "sluice/core/text.hpp"
#include "sluice/hls/playlist.hpp"
#include "sluice/http/content_coding.hpp"
#include "sluice/net/time_limit.hpp"

namespace sluice::routes {
namespace {

/// A body whose first bytes are blank is looked into this far before it counts as no playlist.
constexpr std::size_t kMaxUndecided = 4096;
/// How long a player is kept waiting for a playlist of which the last state is known.
constexpr auto kPatience = std::chrono::seconds(5);
/// The same when the origin holds its answer back on purpose.
constexpr auto kBlockingPatience = std::chrono::seconds(30);

/// Reads a playlist to its end, anything else only until it shows that it is none. `certain`: the
/// URL, the request or the Content-Type already said playlist. True for a playlist.
awaitable<Result<bool>> recognise(upstream::ResponseBody& body, bool certain, std::size_t max_bytes,
                                  std::string& read) {
  bool is_playlist = certain;
  for (bool decided = certain;;) {
    auto piece = co_await body.next();
    if (!piece) co_return piece.error();
    read.append(piece->data(), piece->size());
    if (!decided) {
      const auto sniffed = hls::sniff_playlist(read);
      is_playlist = sniffed == hls::Sniff::playlist;
      decided = sniffed != hls::Sniff::undecided || read.size() > kMaxUndecided;
    }
    if (piece->empty() || (decided && !is_playlist)) co_return is_playlist;
    if (read.size() > max_bytes) {
      co_return upstream_error(Errc::body_too_large,
                               fmt::format("a playlist of more than {} bytes (setting "
                                           "hls.max_playlist_bytes)",
                                           max_bytes));
    }
  }
}

bool has_playlist_type(const http::ResponseHead& head) {
  return icontains(head.headers.value("Content-Type"), "mpegurl");
}

bool request_had_range(const upstream::Response& response) {
  return response.request.headers.get("Range").has_value();
}

/// One attempt.
class Attempt {
 public:
  Attempt(server::Exchange& exchange, Services& services, net::CancelSignal* cancel)
      : exchange_(exchange), services_(services), cancel_(cancel) {}

  awaitable<Result<PlaylistAnswer>> run(upstream::Request request, bool surely) {
    auto answer = co_await ask(request, surely);
    if (!partial_playlist_) co_return answer;
    partial_playlist_ = false;
    // Asked for in part by a client that took it for a file.
    request.headers.remove("Range");
    co_return co_await ask(std::move(request), true);
  }

 private:
  awaitable<Result<PlaylistAnswer>> ask(upstream::Request request, bool surely) {
    auto opened = co_await services_.upstream.open(std::move(request), cancel_);
    if (!opened) co_return opened.error();
    auto& response = **opened;
    exchange_.timings = {response.dial, response.first_byte};
    PlaylistAnswer answer;
    const auto status = response.head.status;
    if (status >= 300 || status == 204) {
      answer.response = *std::move(opened);
      co_return answer;
    }
    const auto max_bytes = services_.hls.max_playlist_bytes;
    const bool certain = surely || has_playlist_type(response.head);
    auto is_playlist = co_await recognise(response.body, certain, max_bytes, answer.read);
    if (!is_playlist) co_return is_playlist.error();
    if (!*is_playlist) {
      answer.response = *std::move(opened);
      co_return answer;
    }
    partial_playlist_ = status == 206 && request_had_range(response);
    if (partial_playlist_) co_return answer;
    auto text = http::decode_content(response.head.headers.value("Content-Encoding"),
                                     std::move(answer.read), max_bytes);
    if (!text) co_return text.error();
    const auto kind = hls::classify_body(*text);
    if (kind != hls::BodyKind::playlist) {
      co_return upstream_error(Errc::not_a_playlist, std::string(hls::describe(kind)));
    }
    answer.playlist = std::make_shared<const LivePlaylists::Playlist>(
        LivePlaylists::Playlist{*std::move(text), response.final_url()});
    co_return answer;
  }

  server::Exchange& exchange_;
  Services& services_;
  net::CancelSignal* cancel_;
  bool partial_playlist_ = false;
};

/// Faults that the client of the origin does not repeat by itself, and that pass.
bool may_pass(const Services& services, const Result<PlaylistAnswer>& answer) {
  if (answer) {
    const auto* response = answer->response.get();
    return response != nullptr && response->head.status == 500 &&
           allows_second_try(services, response->head);
  }
  const auto code = answer.error().code;
  return services.upstream.settings().retry_attempts > 0 &&
         (code == Errc::body_cut || code == Errc::not_a_playlist || code == Errc::bad_response);
}

/// Who asks for the same with other headers may get something else.
std::string key_of(const upstream::Request& request) {
  std::string key = request.url.text();
  for (std::size_t i = 0; i < request.headers.size(); ++i) {
    const auto [name, value] = request.headers[i];
    key.append("\n").append(name).append(":").append(value);
  }
  return key;
}

bool can_block(std::string_view playlist) {
  return playlist.find("CAN-BLOCK-RELOAD=YES") != playlist.npos;
}

awaitable<Result<PlaylistAnswer>> ask_twice(server::Exchange& exchange, Services& services,
                                            const PlaylistRequest& wanted) {
  Attempt attempt(exchange, services, &exchange.cancel());
  auto answer = co_await attempt.run(wanted.request, wanted.surely);
  if (!may_pass(services, answer)) co_return answer;
  std::unique_ptr<upstream::Response> refused;
  if (answer) refused = std::move(answer->response);
  auto prepared = co_await prepare_second_try(exchange, services, std::move(refused));
  if (!prepared) co_return prepared.error();
  co_return co_await attempt.run(wanted.request, wanted.surely);
}

/// For a playlist of which the last state is known: what is no playlist, or takes too long, is a
/// failure.
awaitable<Result<PlaylistAnswer>> ask_in_time(server::Exchange& exchange, Services& services,
                                              const PlaylistRequest& wanted, bool blocking) {
  const auto patience = blocking ? kBlockingPatience : kPatience;
  net::TimeLimit limit(exchange.worker(), patience, &exchange.cancel());
  Attempt attempt(exchange, services, &limit.signal());
  auto answer = co_await attempt.run(wanted.request, wanted.surely);
  // A response must not outlive the limit that its body obeys.
  if (answer && !answer->playlist) co_return upstream_error(Errc::not_a_playlist);
  co_return answer;
}

}  // namespace

awaitable<Result<PlaylistAnswer>> fetch_playlist(server::Exchange& exchange, Services& services,
                                                 PlaylistRequest wanted) {
  const auto key = key_of(wanted.request);
  auto known = services.live_playlists.recall(key, Clock::now());
  const auto blocking = pass_directives(exchange.query(), wanted.request.url);
  if (!blocking) co_return blocking.error();
  wanted.request.may_be_held = *blocking && known && can_block(known->text);

  Result<PlaylistAnswer> answer = internal_error({});
  if (known) {
    answer = co_await ask_in_time(exchange, services, wanted, *blocking);
  } else {
    answer = co_await ask_twice(exchange, services, wanted);
  }
  if (answer && answer->playlist) {
    answer->playlist = services.live_playlists.admit(key, *answer->playlist, Clock::now());
  } else if (known && !exchange.cancel().given()) {
    log::debug("{} the playlist's last state is used", exchange.id());
    exchange.worker().metrics().add(Count::playlists_recalled);
    answer = PlaylistAnswer{std::move(known), nullptr, {}};
  }
  co_return answer;
}

Result<bool> pass_directives(const Query& query, Url& url) {
  std::string text = url.text();
  bool blocking = false;
  // What these change has to be seen from the first segment on.
  const bool whole = query.flag("decrypt") || query.get_nonempty("skip");
  for (const auto& [name, value] : query.parameters()) {
    if (!name.starts_with("_HLS_") || (whole && name == "_HLS_skip")) continue;
    text += text.find('?') == std::string::npos ? '?' : '&';
    form_encode_to(text, name);
    text += '=';
    form_encode_to(text, value);
    blocking = blocking || name == "_HLS_msn";
  }
  if (text.size() == url.text().size()) return false;
  auto extended = Url::parse(text);
  if (!extended) return std::move(extended).error();
  url = *std::move(extended);
  return blocking;
}

}  // namespace sluice::routes
