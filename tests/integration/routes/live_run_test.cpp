#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"

namespace sluice::test {
namespace {

// An hour of segments of 6 s.
constexpr std::size_t kSegments = 600;
constexpr std::size_t kWindow = 6;
constexpr unsigned kFailuresPerThousand = 10;
// With these every kind of failure comes, and none at the very first request of either kind.
constexpr std::uint32_t kPlaylistSeed = 3;
constexpr std::uint32_t kSegmentSeed = 32;
// What an older playlist lags behind by.
constexpr std::size_t kLag = 4;

constexpr std::string_view kPlaylistPath = "/live/index.m3u8";
constexpr std::string_view kSegmentPrefix = "/live/seg_";

/// How an origin fails once; the request after it may be answered well again.
enum class Failure : std::uint8_t {
  reset,           ///< before the head
  internal_error,  ///< 500
  unavailable,     ///< 503
  not_found,       ///< 404
  cut,             ///< in the middle of the body
  empty,           ///< a 200 without a body
  page,            ///< a 200 with an HTML page
  older,           ///< a playlist whose sequence went back; of a segment: cut
};

/// How often each kind of failure happened.
using Tally = std::array<std::size_t, static_cast<std::size_t>(Failure::older) + 1>;

std::string segment_bytes(std::size_t number) {
  return random_bytes(8000 + number % 7 * 1000, number + 1);
}

/// Fails about one request in a hundred, the same ones in each run, each kind in its turn.
class Misfortune {
 public:
  explicit Misfortune(std::uint32_t seed) : random_(seed) {}

  std::optional<Failure> next() {
    if (random_() % 1000 >= kFailuresPerThousand) return std::nullopt;
    const std::size_t kind = turn_++ % tally_.size();
    ++tally_[kind];
    return static_cast<Failure>(kind);
  }
  [[nodiscard]] const Tally& tally() const noexcept { return tally_; }

 private:
  std::mt19937 random_;
  std::size_t turn_ = 0;
  Tally tally_{};
};

/// A live channel in fast motion: one more segment for each playlist that was answered well.
class LiveOrigin {
 public:
  LiveOrigin() {
    origin_.on(std::string(kPlaylistPath), [this](const auto& request, Connection& connection) {
      answer_playlist(request, connection);
    });
    origin_.on_prefix(std::string(kSegmentPrefix),
                      [this](const auto& request, Connection& connection) {
                        answer_segment(request, connection);
                      });
  }

  [[nodiscard]] std::string url() const { return origin_.url(kPlaylistPath); }
  [[nodiscard]] const ScriptedOrigin& origin() const noexcept { return origin_; }
  /// Failures so far, of both kinds of requests.
  [[nodiscard]] std::pair<Tally, Tally> failures() {
    const std::lock_guard lock(mutex_);
    return {playlist_luck_.tally(), segment_luck_.tally()};
  }

 private:
  static std::string playlist(std::size_t first) {
    std::string text = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:6\n";
    text += "#EXT-X-MEDIA-SEQUENCE:" + std::to_string(first) + "\n";
    for (std::size_t number = first; number < first + kWindow; ++number) {
      text += "#EXTINF:6,\nseg_" + std::to_string(number) + ".ts\n";
    }
    return text;
  }

  static void fail(Failure failure, const std::string& body, Connection& connection) {
    switch (failure) {
      case Failure::reset: connection.reset(); return;
      case Failure::internal_error: connection.send_response(500, {}, "oops"); return;
      case Failure::unavailable: connection.send_response(503, {}, "busy"); return;
      case Failure::not_found: connection.send_response(404, {}, "not here"); return;
      case Failure::empty: connection.send_response(200, {}, ""); return;
      case Failure::page:
        connection.send_response(200, {{"Content-Type", "text/html"}},
                                 "<!DOCTYPE html><html><body>Please wait</body></html>");
        return;
      case Failure::cut:
      default:
        connection.send_head(200, {{"Content-Length", std::to_string(body.size())},
                                   {"Accept-Ranges", "bytes"},
                                   {"ETag", etag_of(body)}});
        connection.send(std::string_view(body).substr(0, body.size() / 2));
        connection.reset();
    }
  }

  void answer_playlist(const OriginRequest& request, Connection& connection) {
    const std::unique_lock lock(mutex_);
    const auto failure = playlist_luck_.next();
    if (failure == Failure::older) {
      connection.send_response(200, {{"Content-Type", "application/vnd.apple.mpegurl"}},
                               playlist(first_ - std::min(first_, kLag)));
    } else if (failure) {
      fail(*failure, playlist(first_), connection);
    } else {
      serve_body(playlist(first_), "application/vnd.apple.mpegurl")(request, connection);
      if (first_ + kWindow < kSegments) ++first_;
    }
  }

  void answer_segment(const OriginRequest& request, Connection& connection) {
    const auto digits = request.path().substr(kSegmentPrefix.size());
    std::size_t number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const auto body = segment_bytes(number);
    std::optional<Failure> failure;
    {
      const std::lock_guard lock(mutex_);
      failure = segment_luck_.next();
    }
    if (failure) return fail(*failure, body, connection);
    serve_body(body, "video/mp2t")(request, connection);
  }

  std::mutex mutex_;
  std::size_t first_ = 0;
  Misfortune playlist_luck_{kPlaylistSeed};
  Misfortune segment_luck_{kSegmentSeed};
  ScriptedOrigin origin_;
};

/// What a player needs of a media playlist.
struct Listing {
  std::size_t first = 0;
  std::vector<std::string> targets;
};

/// Why a player would give up on this answer; empty when it would not.
std::string read_playlist(const Response& response, Listing& listing) {
  if (!response.complete) return "not whole: " + response.problem;
  if (response.status != 200) return "status " + std::to_string(response.status);
  const std::string_view text = response.body;
  if (!text.starts_with("#EXTM3U")) return "no playlist";
  if (text.find("#EXT-X-ENDLIST") != text.npos) return "the stream has ended";
  constexpr std::string_view kSequence = "#EXT-X-MEDIA-SEQUENCE:";
  bool numbered = false;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    const auto line = text.substr(at, end - at);
    at = end + 1;
    if (line.starts_with(kSequence)) {
      const auto digits = line.substr(kSequence.size());
      std::from_chars(digits.data(), digits.data() + digits.size(), listing.first);
      numbered = true;
    } else if (!line.empty() && !line.starts_with('#')) {
      const auto path = line.find('/', std::string_view("http://").size());
      if (path == line.npos) return "an address that is not the proxy's";
      listing.targets.emplace_back(line.substr(path));
    }
  }
  if (!numbered) return "no media sequence";
  return listing.targets.empty() ? "no segments" : "";
}

/// Plays as fast as it can, and remembers what would have disturbed the viewer.
class Player {
 public:
  Player(const Proxy& proxy, std::string url) : proxy_(proxy), url_(std::move(url)) {}

  /// One reload, and all segments it has to offer that are new.
  void reload() {
    Listing listing;
    const auto why = read_playlist(proxy_.fetch("/proxy/hls/manifest.m3u8", url_), listing);
    if (!why.empty()) return trouble("playlist: " + why);
    if (listing.first < first_) trouble("the media sequence went back");
    first_ = std::max(first_, listing.first);
    if (listing.first > next_) trouble("segments have left before they could be seen");
    next_ = std::max(next_, listing.first);
    const std::size_t end = listing.first + listing.targets.size();
    for (; next_ < end; ++next_) play(listing.targets[next_ - listing.first]);
  }

  [[nodiscard]] std::size_t next() const noexcept { return next_; }
  [[nodiscard]] const std::vector<std::string>& troubles() const noexcept { return troubles_; }

 private:
  /// Players ask for a segment once more; a second failure shows.
  void play(const std::string& target) {
    const auto expected = segment_bytes(next_);
    for (int attempt = 0; attempt < 2; ++attempt) {
      const auto segment = get(proxy_.port(), target);
      if (segment.complete && segment.status == 200 && segment.body == expected) return;
    }
    trouble("segment");
  }

  void trouble(const std::string& what) {
    troubles_.push_back("before segment " + std::to_string(next_) + ": " + what);
  }

  const Proxy& proxy_;
  std::string url_;
  std::size_t first_ = 0;
  std::size_t next_ = 0;
  std::vector<std::string> troubles_;
};

}  // namespace

TEST_CASE("An hour of a live stream plays although its origin fails now and then",
          "[routes][live][integration]") {
  LiveOrigin channel;
  const Proxy proxy([](app::Settings& settings) {
    settings.upstream.retry_delay = std::chrono::milliseconds(1);
  });
  Player player(proxy, channel.url());
  // Some reloads bring nothing new: after a failure the list may be the one from before.
  for (std::size_t i = 0; i < 2 * kSegments && player.next() < kSegments; ++i) player.reload();
  CHECK(player.next() == kSegments);
  for (const auto& trouble : player.troubles()) FAIL_CHECK(trouble);
  // The run was as hard as it is meant to be.
  const auto [playlists, segments] = channel.failures();
  for (const auto& tally : {playlists, segments}) {
    CHECK(*std::min_element(tally.begin(), tally.end()) >= 1);
  }
  CHECK(channel.origin().problems().empty());
}

}  // namespace sluice::test
