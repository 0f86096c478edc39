#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "integration/upstream/error_reply.hpp"
#include "sluice/core/encoding.hpp"
#include "support/aes.hpp"
#include "support/breaking_file.hpp"
#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/cenc_movie.hpp"
#include "support/proxy.hpp"
#include "support/sample_aes_encryptor.hpp"
#include "support/scripted_origin.hpp"
#include "support/transfer.hpp"
#include "support/transport_stream.hpp"

namespace sluice::test {
namespace {

constexpr std::string_view kSegment = "/proxy/hls/segment.m4s";
constexpr std::string_view kIvDigits = "000102030405060708090a0b0c0d0e0f";
const std::string kKey = random_bytes(16, 81);

CencMovie movie_of(const std::string& scheme) {
  CencMovie movie;
  CencTrack track;
  track.scheme = scheme;
  track.key = kKey;
  track.iv_size = scheme == "cbcs" ? 0 : 8;
  if (scheme == "cbcs") {
    track.constant_iv = random_bytes(16, 82);
    track.crypt_blocks = 1;
    track.skip_blocks = 9;
  }
  movie.tracks = {track};
  CencTraf traf;
  std::vector<CencSample> run;
  for (std::uint32_t i = 0; i < 40; ++i) {
    CencSample sample{random_bytes(500 + i * 997, i + 1), random_bytes(track.iv_size, i + 500)};
    sample.subsamples = {{100, (400 + i * 997) / 16 * 16}};
    run.push_back(sample);
  }
  traf.runs = {run};
  CencFragment fragment;
  fragment.trafs = {traf};
  movie.fragments = {fragment, fragment};
  return movie;
}

/// An origin with the movie in parts, and Sluice in front of it.
struct Stage {
  explicit Stage(const std::string& scheme)
      : movie(movie_of(scheme)),
        method(scheme == "cbcs" ? "SAMPLE-AES" : "SAMPLE-AES-CTR"),
        proxy([](app::Settings& settings) {
          settings.server.workers = 1;
          settings.upstream.retry_delay = std::chrono::milliseconds(1);
        }) {
    origin.on("/init", serve_body(movie.init(false)));
    origin.on("/1", serve_body(movie.media(false)));
    origin.on("/all", serve_body(movie.init(false) + movie.media(false)));
    origin.on("/key", status(200, {}, kKey));
  }

  [[nodiscard]] std::string parameters(std::string_view map = "/init",
                                       std::string_view key = "/key") const {
    return "&decrypt_method=" + method + "&decrypt_key=" + form_encode(origin.url(key)) +
           "&decrypt_map=" + form_encode(origin.url(map));
  }
  [[nodiscard]] Response fetch(std::string_view path, const std::string& more) const {
    return proxy.fetch(kSegment, origin.url(path), more);
  }

  CencMovie movie;
  std::string method;
  ScriptedOrigin origin;
  Proxy proxy;
};

}  // namespace

TEST_CASE("Fragments with encrypted samples come clear, and so does their map",
          "[routes][delivery][integration]") {
  const std::string scheme = GENERATE("cbcs", "cenc");
  CAPTURE(scheme);
  Stage stage(scheme);
  const auto clear = stage.movie.media(true);
  for (int turn = 0; turn < 3; ++turn) {
    const auto response = stage.fetch("/1", stage.parameters());
    check_whole(response, clear);
    CHECK(response.headers["Content-Length"] == std::to_string(clear.size()));
    CHECK(response.headers["Content-Type"] == "video/mp4");
  }
  CHECK(stage.origin.requests_to("/init").size() == 1);
  CHECK(stage.origin.requests_to("/key").size() == 1);
  check_whole(stage.fetch("/init", "&decrypt_method=SAMPLE-AES"), stage.movie.init(true));

  const auto target = Proxy::target(kSegment, stage.origin.url("/1"), stage.parameters());
  const auto head = request(stage.proxy.port(), "HEAD", target);
  CHECK(head.status == 200);
  CHECK(head.headers["Content-Length"] == std::to_string(clear.size()));
}

TEST_CASE("Encrypted fragments and their map may be parts of one file", "[routes][integration]") {
  Stage stage("cbcs");
  const auto size = stage.movie.init(false).size();
  const auto total = size + stage.movie.media(false).size();
  const auto map_range = "0-" + std::to_string(size - 1);
  // Whether the origin gives parts or always all of it.
  const auto whole = stage.movie.init(false) + stage.movie.media(false);
  stage.origin.on("/whole", status(200, {}, whole));
  for (const auto* path : {"/all", "/whole"}) {
    const auto range = std::to_string(size) + "-" + std::to_string(total - 1);
    check_whole(stage.fetch(path, stage.parameters(path) + "&decrypt_map_range=" + map_range +
                                      "&byterange=" + range),
                stage.movie.media(true));
    check_whole(stage.fetch(path, "&decrypt_method=SAMPLE-AES&byterange=" + map_range),
                stage.movie.init(true));
  }
}

TEST_CASE("A map that cannot be had is an error that says so", "[routes][integration]") {
  Stage stage("cbcs");
  struct Row {
    const char* why;
    OriginHandler handler;
    int status;
    std::string_view part;
  };
  const Row rows[] = {
      {"gone", status(404), 404, "404 Not Found to the request for the segment's map"},
      {"a page", status(200, {}, "<!DOCTYPE html><html></html>"), 502, "map"},
      {"empty", status(200), 502, "map"},
      {"cut", wrong_length(1000, stage.movie.init(false).substr(0, 100)), 502, "broke off"},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    stage.origin.on("/init", row.handler);
    check_error(stage.fetch("/1", stage.parameters()), row.status, row.part);
  }
  CHECK(stage.origin.requests_to("/1").empty());
  stage.origin.on("/init", serve_body(stage.movie.init(false)));
  check_whole(stage.fetch("/1", stage.parameters()), stage.movie.media(true));
}

TEST_CASE("A map that does not fit is asked for again", "[routes][integration]") {
  Stage stage("cbcs");
  // Of two tracks, none of which is the segment's.
  auto other = stage.movie;
  other.tracks.push_back(other.tracks.front());
  other.tracks[0].id = 7;
  other.tracks[1].id = 8;
  stage.origin.on("/init", serve_body(other.init(false)));
  check_error(stage.fetch("/1", stage.parameters()), 502, "its initialisation segment has not");
  stage.origin.on("/init", serve_body(stage.movie.init(false)));
  check_whole(stage.fetch("/1", stage.parameters()), stage.movie.media(true));
}

TEST_CASE("A map far behind its file's start is not waited for", "[routes][integration]") {
  Stage stage("cbcs");
  check_error(
      stage.fetch("/1", stage.parameters() + "&decrypt_map_range=9000000000000-9000000000999"), 416,
      "");
  stage.origin.on("/init", status(200, {}, std::string(1000, 'x')));
  check_error(
      stage.fetch("/1", stage.parameters() + "&decrypt_map_range=9000000000000-9000000000999"), 502,
      "too far");
  stage.origin.on("/init", status(200, {}, std::string(600'000, 'x')));
  check_error(stage.fetch("/1", stage.parameters()), 502, "more than 524288 bytes");
}

TEST_CASE("What is no fragment is an error, one that is cut never ends well",
          "[routes][delivery][integration]") {
  Stage stage("cenc");
  const auto media = stage.movie.media(false);
  stage.origin.on("/page", status(200, {}, "<!DOCTYPE html><html><body>late</body></html>"));
  stage.origin.on("/late", status(404));
  check_error(stage.fetch("/page", stage.parameters()), 502, "");
  check_error(stage.fetch("/late", stage.parameters()), 404, "404");
  for (const std::size_t sent : {std::size_t{1}, std::size_t{700}, media.size() - 1}) {
    CAPTURE(sent);
    stage.origin.on("/cut", until_close(media.substr(0, sent)));
    const auto response = stage.fetch("/cut", stage.parameters());
    if (response.status == 502) {
      CHECK(response.complete);
    } else {
      check_cut(response, stage.movie.media(true));
    }
  }
}

TEST_CASE("An encrypted transport stream comes clear, in the same size",
          "[routes][delivery][integration]") {
  constexpr std::uint16_t kVideo = 0x100;
  std::string unit;
  for (int i = 0; i < 20; ++i) {
    auto nal = random_bytes(3000 + static_cast<std::size_t>(i) * 111, 7 + i);
    // No start codes by chance.
    for (auto& byte : nal) byte = static_cast<char>(byte | 0x40);
    nal[0] = 0x65;
    unit += std::string("\0\0\0\1", 4) + nal;
  }
  const auto clear = mux({section_packets(0, pat_section(1, 0x1000)),
                          section_packets(0x1000, pmt_section(1, kVideo, {{0x1b, kVideo, {}}})),
                          packets_of(kVideo, pes_packet(0xe0, unit, true))});
  const auto iv = from_hex(kIvDigits);
  const auto hidden = SampleAesEncryptor(kKey, iv).ts(clear);
  REQUIRE(elementary_stream(hidden, kVideo) != unit);
  Stage stage("cbcs");
  stage.origin.on("/ts", serve_body(hidden));
  const auto more =
      "&decrypt_method=SAMPLE-AES&decrypt_key=" + form_encode(stage.origin.url("/key")) +
      "&decrypt_iv=" + std::string(kIvDigits);
  const auto response = stage.proxy.fetch("/proxy/hls/segment.ts", stage.origin.url("/ts"), more);
  CHECK(response.complete);
  CHECK(response.headers["Content-Length"] == std::to_string(hidden.size()));
  CHECK(response.headers["Content-Type"] == "video/mp2t");
  CHECK((elementary_stream(response.body, kVideo) == unit));
  CHECK(ts_faults(response.body) == "");
}

TEST_CASE("A playlist with encrypted samples leads to clear ones", "[routes][integration]") {
  Stage stage("cbcs");
  stage.origin.on("/p.m3u8",
                  status(200, {},
                         "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-MAP:URI=\"init\"\n"
                         "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"key\",IV=0x1\n#EXTINF:4,\n1\n"));
  const auto playlist =
      stage.proxy.fetch("/proxy/hls/manifest.m3u8", stage.origin.url("/p.m3u8"), "&decrypt=true");
  REQUIRE(playlist.status == 200);
  CHECK(playlist.body.find("EXT-X-KEY") == std::string::npos);
  const auto target_after = [&](std::string_view mark) {
    const auto start = playlist.body.find("/proxy/", playlist.body.find(mark));
    return playlist.body.substr(start, playlist.body.find_first_of("\"\n", start) - start);
  };
  check_whole(get(stage.proxy.port(), target_after("#EXT-X-MAP")), stage.movie.init(true));
  check_whole(get(stage.proxy.port(), target_after("#EXTINF")), stage.movie.media(true));
}

}  // namespace sluice::test
