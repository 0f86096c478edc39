#include <chrono>
#include <string>

#include "integration/upstream/error_reply.hpp"
#include "sluice/core/encoding.hpp"
#include "support/aes.hpp"
#include "support/breaking_file.hpp"
#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"
#include "support/segments.hpp"
#include "support/transfer.hpp"

namespace sluice::test {
namespace {

constexpr std::string_view kSegment = "/proxy/hls/segment.ts";
constexpr std::string_view kIvDigits = "000102030405060708090a0B0C0D0E0F";

const std::string kKey = random_bytes(16, 71);
const std::string kLongKey = random_bytes(32, 72);

std::string parameters(std::string_view method, const std::string& key_url,
                       std::string_view iv = kIvDigits) {
  return "&decrypt_method=" + std::string(method) + "&decrypt_key=" + form_encode(key_url) +
         "&decrypt_iv=" + std::string(iv);
}

Proxy one_worker() {
  return Proxy([](app::Settings& settings) {
    settings.server.workers = 1;
    settings.upstream.retry_delay = std::chrono::milliseconds(1);
  });
}

std::string encrypt_128(std::string_view plain) {
  return encrypt("AES-128-CBC", kKey, from_hex(kIvDigits), plain);
}

}  // namespace

TEST_CASE("An encrypted segment comes decrypted", "[routes][delivery][integration]") {
  struct Row {
    const char* why;
    std::string method;
    const char* openssl;
    std::string key;
    bool known_length;
  };
  const auto row = GENERATE(values<Row>({
      {"the usual one", "AES-128", "AES-128-CBC", kKey, false},
      {"a long key", "AES-256", "AES-256-CBC", kLongKey, false},
      {"a counter", "AES-256-CTR", "AES-256-CTR", kLongKey, true},
  }));
  INFO(row.why);
  const std::size_t size = GENERATE(as<std::size_t>{}, 0, 188, 188'000, 1'880'001);
  CAPTURE(size);
  const auto plain = ts_packets(size / 188) + std::string(size % 188, 'x');
  const auto segment = encrypt(row.openssl, row.key, from_hex(kIvDigits), plain);
  ScriptedOrigin origin;
  origin.on("/s", serve_body(segment));
  origin.on("/chunks", chunked(segment, {1, 15, 16, 17, 5000}));
  origin.on("/key", status(200, {}, row.key));
  const auto proxy = one_worker();
  const auto more = parameters(row.method, origin.url("/key?secret=1"));
  const auto response = proxy.fetch(kSegment, origin.url("/s"), more, {{"Range", "bytes=16-31"}});
  check_whole(response, plain);
  CHECK(response.headers["Content-Type"] == "video/mp2t");
  CHECK(response.headers.contains("Content-Length") == row.known_length);
  CHECK_FALSE(response.headers.contains("Content-Range"));
  CHECK_FALSE(response.headers.contains("Accept-Ranges"));
  check_whole(proxy.fetch(kSegment, origin.url("/chunks"), more), plain);

  const auto head = request(proxy.port(), "HEAD", Proxy::target(kSegment, origin.url("/s"), more));
  CHECK(head.status == 200);
  CHECK(head.headers["Content-Length"] == (row.known_length ? std::to_string(size) : ""));
  CHECK(origin.requests_to("/key").size() == 1);
  for (const auto& asked : origin.requests()) CHECK_FALSE(asked.headers.contains("Range"));
}

TEST_CASE("A key is asked for once, with the segment's headers", "[routes][integration]") {
  const auto plain = ts_packets(50);
  ScriptedOrigin origin;
  origin.on("/s", serve_body(encrypt_128(plain)));
  origin.on("/key", status(200, {}, kKey));
  const auto proxy = one_worker();
  const auto more = parameters("AES-128", origin.url("/key"));
  for (int turn = 0; turn < 3; ++turn) {
    check_whole(proxy.fetch(kSegment, origin.url("/s"),
                            more + "&h_referer=http%3A%2F%2Fsite%2F&h_range=bytes%3D0-15"),
                plain);
  }
  const auto keys = origin.requests_to("/key");
  REQUIRE(keys.size() == 1);
  CHECK(keys[0].headers["Referer"] == "http://site/");
  CHECK_FALSE(keys[0].headers.contains("Range"));
  // Another visitor may be given another key.
  check_whole(proxy.fetch(kSegment, origin.url("/s"), more + "&h_cookie=a%3Db"), plain);
  CHECK(origin.requests_to("/key").size() == 2);
}

TEST_CASE("HEAD of an encrypted segment asks for no key", "[routes][integration]") {
  ScriptedOrigin origin;
  origin.on("/s", serve_body(encrypt_128(ts_packets(50))));
  const Proxy proxy;
  const auto head =
      request(proxy.port(), "HEAD",
              Proxy::target(kSegment, origin.url("/s"), parameters("AES-128", origin.url("/key"))));
  CHECK(head.status == 200);
  CHECK(head.headers["Content-Type"] == "video/mp2t");
  CHECK_FALSE(head.headers.contains("Content-Length"));
  CHECK(origin.requests_to("/key").empty());
}

TEST_CASE("A key that cannot be had is an error that says so, and is asked for again",
          "[routes][integration]") {
  struct Row {
    const char* why;
    OriginHandler handler;
    int status;
    std::string_view part;
  };
  const Row rows[] = {
      {"refused", status(403), 403, "403 Forbidden to the request for the segment's key"},
      {"gone", status(404), 404, "key"},
      {"no content", status(204), 502, "answered 204"},
      {"too short", status(200, {}, random_bytes(15)), 502, "15 bytes, 16 are needed"},
      {"of another method", status(200, {}, kLongKey), 502, "32 bytes, 16 are needed"},
      {"a page", status(200, {}, random_bytes(5000)), 502, "more than 64 bytes, 16 are needed"},
      {"empty", status(200), 502, "0 bytes, 16 are needed"},
      {"cut", wrong_length(16, "short"), 502, "broke off"},
  };
  const auto plain = ts_packets(50);
  ScriptedOrigin origin;
  origin.on("/s", serve_body(encrypt_128(plain)));
  const auto proxy = one_worker();
  const auto more = parameters("AES-128", origin.url("/key"));
  for (const auto& row : rows) {
    INFO(row.why);
    origin.on("/key", row.handler);
    check_error(proxy.fetch(kSegment, origin.url("/s"), more), row.status, row.part);
  }
  CHECK(origin.requests_to("/s").empty());
  origin.on("/key", status(200, {}, kKey));
  check_whole(proxy.fetch(kSegment, origin.url("/s"), more), plain);
}

TEST_CASE("A segment that does not decrypt is an error as long as nothing has left",
          "[routes][delivery][integration]") {
  const auto plain = ts_packets(1000);
  const auto segment = encrypt_128(plain);
  ScriptedOrigin origin;
  origin.on("/s", serve_body(segment));
  origin.on("/short", serve_body(segment.substr(0, 5001)));
  origin.on("/clear", serve_body(plain));
  origin.on("/empty", status(200));
  origin.on("/missing", status(404));
  origin.on("/key", status(200, {}, kKey));
  origin.on("/other", status(200, {}, random_bytes(16, 73)));
  const auto proxy = one_worker();
  const auto fetch = [&](std::string_view path, std::string_view key) {
    return proxy.fetch(kSegment, origin.url(path), parameters("AES-128", origin.url(key)));
  };
  check_error(fetch("/s", "/other"), 502, "another key");
  check_error(fetch("/clear", "/key"), 502, "not encrypted");
  check_error(fetch("/empty", "/key"), 502, "multiple of 16");
  check_error(fetch("/missing", "/key"), 404, "404");
  // Its beginning makes sense, and has left.
  const auto cut = fetch("/short", "/key");
  check_cut(cut, plain);
}

TEST_CASE("An IV may be written without its leading zeros", "[routes][integration]") {
  const auto plain = ts_packets(20);
  ScriptedOrigin origin;
  origin.on("/s",
            serve_body(encrypt("AES-128-CBC", kKey, std::string(14, '\0') + "\1\xab", plain)));
  origin.on("/key", status(200, {}, kKey));
  const auto proxy = one_worker();
  const auto more = parameters("AES-128", origin.url("/key"), "0x1aB");
  check_whole(proxy.fetch(kSegment, origin.url("/s"), more), plain);
}

TEST_CASE("A key that did not fit is asked for again", "[routes][integration]") {
  const auto plain = ts_packets(1000);
  ScriptedOrigin origin;
  origin.on("/s", serve_body(encrypt_128(plain)));
  origin.on("/key", status(200, {}, random_bytes(16, 73)));
  const auto proxy = one_worker();
  const auto more = parameters("AES-128", origin.url("/key"));
  check_error(proxy.fetch(kSegment, origin.url("/s"), more), 502, "another key");
  origin.on("/key", status(200, {}, kKey));
  check_whole(proxy.fetch(kSegment, origin.url("/s"), more), plain);
}

TEST_CASE("An encrypted segment that is cut never ends well", "[routes][delivery][integration]") {
  const auto plain = ts_packets(4000);
  const auto segment = encrypt_128(plain);
  const std::size_t sent = GENERATE(as<std::size_t>{}, 1, 16, 1600, 100'000, 752'000);
  CAPTURE(sent);
  ScriptedOrigin origin;
  origin.on("/s", [&](const OriginRequest&, Connection& connection) {
    connection.send_head(200, {{"Content-Length", std::to_string(segment.size())}});
    connection.send(std::string_view(segment).substr(0, sent));
    connection.close();
  });
  // Without a length the padding tells.
  origin.on("/close", until_close(segment.substr(0, sent)));
  origin.on("/key", status(200, {}, kKey));
  const auto proxy = one_worker();
  const auto more = parameters("AES-128", origin.url("/key"));
  for (const auto* path : {"/s", "/close"}) {
    const auto response = proxy.fetch(kSegment, origin.url(path), more);
    if (response.status == 502) {
      CHECK(response.complete);
    } else {
      check_cut(response, plain);
    }
  }
}

TEST_CASE("An encrypted segment that breaks off is continued in the ciphertext",
          "[routes][delivery][integration]") {
  const auto plain = ts_packets(4000);
  ScriptedOrigin origin;
  origin.on("/key", status(200, {}, kKey));
  const auto proxy = one_worker();
  const std::vector<std::vector<std::size_t>> breaks = {
      {1}, {15, 16, 17, 33}, {100'000, 100'001, 300'007}, {752'000}};
  for (const auto& cuts : breaks) {
    CAPTURE(cuts);
    const auto path = "/" + std::to_string(cuts.front());
    origin.on(path, serve_breaking({.body = encrypt_128(plain), .cuts = cuts}));
    check_whole(proxy.fetch(kSegment, origin.url(path), parameters("AES-128", origin.url("/key"))),
                plain);
  }
}

TEST_CASE("A disguise may be around an encrypted segment, or in it",
          "[routes][delivery][integration]") {
  const auto plain = ts_packets(500);
  ScriptedOrigin origin;
  origin.on("/around", serve_body(png(800) + encrypt_128(plain), "image/png"));
  origin.on("/inside", serve_body(encrypt_128(png(800) + plain), "image/png"));
  origin.on("/none", serve_body(encrypt_128(plain), "image/png"));
  origin.on("/key", status(200, {}, kKey));
  const auto proxy = one_worker();
  const auto more = parameters("AES-128", origin.url("/key")) + "&transformer=ts_stream";
  for (const auto* path : {"/around", "/inside", "/none"}) {
    CAPTURE(path);
    const auto response = proxy.fetch(kSegment, origin.url(path), more);
    check_whole(response, plain);
    CHECK(response.headers["Content-Type"] == "video/mp2t");
  }
}

TEST_CASE("Parameters of decryption that do not hold are named", "[routes][integration]") {
  struct Row {
    const char* why;
    std::string more;
    std::string_view part;
  };
  const std::string url = "http%3A%2F%2Forigin%2Fkey";
  const std::string iv(kIvDigits);
  const Row rows[] = {
      {"no method", "&decrypt_key=" + url + "&decrypt_iv=" + iv, "decrypt_method"},
      {"no key", "&decrypt_method=AES-128&decrypt_iv=" + iv, "decrypt_key"},
      {"no IV", "&decrypt_method=AES-128&decrypt_key=" + url, "decrypt_iv"},
      {"another method", parameters("AES-129", "http://origin/key"), "decrypt_method"},
      {"samples of fragments without their map", parameters("SAMPLE-AES-CTR", "http://origin/key"),
       "decrypt_map is missing"},
      {"samples without IV", "&decrypt_method=SAMPLE-AES&decrypt_key=" + url, "decrypt_iv"},
      {"samples without key", "&decrypt_method=SAMPLE-AES&decrypt_iv=" + iv, "decrypt_key"},
      {"a map of whole segments",
       parameters("AES-128", "http://origin/key") + "&decrypt_map=http%3A%2F%2Forigin%2Fi",
       "decrypt_map"},
      {"a map that is no URL", parameters("SAMPLE-AES", "http://origin/key") + "&decrypt_map=i",
       "decrypt_map is not"},
      {"a range without map",
       parameters("SAMPLE-AES", "http://origin/key") + "&decrypt_map_range=1-2",
       "decrypt_map is missing"},
      {"a range that is none",
       parameters("SAMPLE-AES", "http://origin/key") +
           "&decrypt_map=http%3A%2F%2Forigin%2Fi&decrypt_map_range=2-1",
       "decrypt_map_range"},
      {"a relative key", parameters("AES-128", "/key"), "decrypt_key"},
      {"a key of another scheme", parameters("AES-128", "skd://key"), "decrypt_key"},
      {"a long IV", parameters("AES-128", "http://origin/key", "0x" + std::string(33, '1')),
       "decrypt_iv"},
      {"an IV of other digits",
       parameters("AES-128", "http://origin/key", "0x0g0102030405060708090a0b0c0d0e0f"),
       "decrypt_iv"},
      {"no range", "&byterange=abc", "byterange"},
      {"an open range", "&byterange=1-", "byterange"},
      {"a range of a suffix", "&byterange=-1", "byterange"},
      {"a range backwards", "&byterange=2-1", "byterange"},
      {"a range beyond all files", "&byterange=0-18446744073709551615", "byterange"},
  };
  ScriptedOrigin origin;
  const Proxy proxy;
  for (const auto& row : rows) {
    INFO(row.why);
    check_error(proxy.fetch(kSegment, origin.url("/s"), row.more), 400, row.part);
  }
  CHECK(origin.request_count() == 0);
}

TEST_CASE("An IV may be written with 0x", "[routes][integration]") {
  const auto plain = ts_packets(50);
  ScriptedOrigin origin;
  origin.on("/s", serve_body(encrypt_128(plain)));
  origin.on("/key", status(200, {}, kKey));
  const Proxy proxy;
  const auto iv = "0X" + std::string(kIvDigits);
  check_whole(
      proxy.fetch(kSegment, origin.url("/s"), parameters("AES-128", origin.url("/key"), iv)),
      plain);
}

TEST_CASE("A part of a file is a segment of its own", "[routes][delivery][integration]") {
  const auto file = random_bytes(1000, 81) + ts_packets(5000) + random_bytes(500, 82);
  const auto range = std::string("&byterange=1000-940999");
  const auto part = file.substr(1000, 940'000);
  ScriptedOrigin origin;
  origin.on("/ranges", serve_body(file));
  origin.on("/no_ranges", status(200, {{"Accept-Ranges", "none"}}, file));
  origin.on("/chunks", chunked(file));
  const auto proxy = one_worker();
  for (const auto* path : {"/ranges", "/no_ranges", "/chunks"}) {
    CAPTURE(path);
    const auto response = proxy.fetch(kSegment, origin.url(path), range, {{"Range", "bytes=0-9"}});
    check_whole(response, part);
    CHECK(response.headers["Content-Type"] == "video/mp2t");
    CHECK_FALSE(response.headers.contains("Content-Range"));
    CHECK_FALSE(response.headers.contains("Accept-Ranges"));
    const bool known = std::string_view(path) != "/chunks";
    CHECK(response.headers["Content-Length"] == (known ? "940000" : ""));
    CHECK(origin.requests_to(path).at(0).headers["Range"] == "bytes=1000-940999");
  }
  const auto head =
      request(proxy.port(), "HEAD", Proxy::target(kSegment, origin.url("/ranges"), range));
  CHECK(head.status == 200);
  CHECK(head.headers["Content-Length"] == "940000");
}

TEST_CASE("A part that the origin does not have is an error", "[routes][delivery][integration]") {
  const auto file = ts_packets(10);
  ScriptedOrigin origin;
  origin.on("/ranges", serve_body(file));
  origin.on("/no_ranges", status(200, {}, file));
  origin.on("/chunks", chunked(file));
  const auto wrong = partial_headers(1, 100, file.size());
  origin.on("/wrong", status(206, wrong, file.substr(0, 100)));
  const Proxy proxy;
  const auto fetch = [&](std::string_view path, std::string_view range) {
    return proxy.fetch(kSegment, origin.url(path), "&byterange=" + std::string(range));
  };
  check_error(fetch("/ranges", "5000-6000"), 416, "416");
  check_error(fetch("/ranges", "1000-6000"), 502, "another part");
  check_error(fetch("/no_ranges", "1000-6000"), 502, "beyond the end");
  check_error(fetch("/chunks", "5000-6000"), 502, "beyond the end");
  check_error(fetch("/wrong", "0-99"), 502, "another part");
}

TEST_CASE("A part that breaks off is continued, and may be encrypted",
          "[routes][delivery][integration]") {
  const auto plain = ts_packets(2000);
  const auto segment = encrypt_128(plain);
  const auto file = random_bytes(333, 91) + segment + random_bytes(10'000, 92);
  ScriptedOrigin origin;
  origin.on("/key", status(200, {}, kKey));
  const auto proxy = one_worker();
  const auto range = "&byterange=333-" + std::to_string(332 + segment.size());
  for (const auto& cuts : std::vector<std::vector<std::size_t>>{{334}, {1000, 200'000}}) {
    CAPTURE(cuts);
    const auto path = "/" + std::to_string(cuts.front());
    origin.on(path, serve_breaking({.body = file, .cuts = cuts}));
    check_whole(proxy.fetch(kSegment, origin.url(path), range), segment);
    origin.on(path, serve_breaking({.body = file, .cuts = cuts}));
    check_whole(
        proxy.fetch(kSegment, origin.url(path), range + parameters("AES-128", origin.url("/key"))),
        plain);
  }
}

}  // namespace sluice::test
