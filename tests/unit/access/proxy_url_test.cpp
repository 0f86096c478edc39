#include "sluice/access/proxy_url.hpp"

#include <functional>
#include <string>

#include "support/catch.hpp"

using namespace sluice;
using namespace sluice::access;

namespace {

ProxyUrlParts parts_with(const std::function<void(ProxyUrlParts&)>& change) {
  ProxyUrlParts parts;
  parts.endpoint = "/proxy/stream";
  parts.destination_url = "http://h/a";
  change(parts);
  return parts;
}

const ProxyBase kBase{"https://proxy.example", ""};

}  // namespace

TEST_CASE("proxy_url_parameters puts the parts in their customary order", "[access][unit]") {
  ProxyUrlParts parts;
  parts.destination_url = "http://h/a?b=1&c=2";
  parts.query_params = Query::parse("max_res=true&key=1");
  parts.request_headers = {
      {"Authorization", "Bearer tok"}, {"h_Referer", "r"},  {"H_X", "1"}, {"empty", ""},
      {"Range", "bytes=0-"},           {"h_if-range", "x"}, {"h_", "x"}};
  parts.response_headers = {{"Content-Type", "video/mp2t"}, {"r_a", "b"}};
  parts.propagate_response_headers = {{"Cache-Control", "no-store"}, {"rp_a", "b"}};
  parts.remove_response_headers = {"A", " B ", ""};
  parts.stream_transformer = "ts_stream";
  CHECK(proxy_url_parameters(parts, "pw").encode() ==
        "max_res=true&key=1&api_password=pw&d=http%3A%2F%2Fh%2Fa%3Fb%3D1%26c%3D2"
        "&h_Authorization=Bearer+tok&h_Referer=r&H_X=1&r_Content-Type=video%2Fmp2t&r_a=b"
        "&rp_Cache-Control=no-store&rp_a=b&x_headers=A%2CB&transformer=ts_stream");

  parts = {};
  parts.query_params = Query::parse("api_password=other");
  CHECK(proxy_url_parameters(parts, "pw").encode() == "api_password=other");
  parts = {};
  parts.destination_url = "https://example.com/?a=b";
  parts.base64_encode_destination = true;
  CHECK(proxy_url_parameters(parts, "").encode() == "d=aHR0cHM6Ly9leGFtcGxlLmNvbS8_YT1i");
}

TEST_CASE("plain_proxy_url and token_proxy_url join base, endpoint and file name",
          "[access][unit]") {
  struct Row {
    const char* why;
    ProxyBase base;
    std::string endpoint, filename, own_path;
    std::string plain;  ///< without the query
    std::string token;
  };
  const ProxyBase below{"https://proxy.example", "/base"};
  const Row rows[] = {
      {"plain", kBase, "/proxy/stream", "", "", "/proxy/stream", "/_token_T/proxy/stream"},
      {"file name", kBase, "/proxy/stream", "a.mp4", "", "/proxy/stream/a.mp4",
       "/_token_T/proxy/stream/a.mp4"},
      {"file name with slash, blank and plus", kBase, "/proxy/stream", "a b/c+d.mp4", "",
       "/proxy/stream/a%20b/c%2Bd.mp4", "/_token_T/proxy/stream/a%20b/c%2Bd.mp4"},
      {"file name beyond ASCII", kBase, "/p", "\xc3\xa9", "", "/p/%C3%A9", "/_token_T/p/%C3%A9"},
      {"no endpoint", kBase, "", "", "", "", "/_token_T"},
      {"endpoint without slash", kBase, "proxy/ip", "", "", "/proxy/ip", "/_token_T/proxy/ip"},
      {"endpoint that would add parameters", kBase, "/p?d=x#y", "", "", "/p", "/_token_T/p"},
      {"base with path", below, "/proxy/stream", "", "", "/base/proxy/stream",
       "/_token_T/base/proxy/stream"},
      {"base with the path we are reached under", below, "/proxy/stream", "", "/base",
       "/base/proxy/stream", "/base/_token_T/proxy/stream"},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    const auto parts = parts_with([&](ProxyUrlParts& made) {
      made.endpoint = row.endpoint;
      made.filename = row.filename;
    });
    const auto plain = "https://proxy.example" + row.plain + "?d=http%3A%2F%2Fh%2Fa";
    CHECK(plain_proxy_url(row.base, parts) == plain);
    CHECK(token_proxy_url(row.base, parts, "T", row.own_path) ==
          "https://proxy.example" + row.token);
  }
  ProxyUrlParts nothing;
  nothing.endpoint = "/proxy/ip";
  CHECK(plain_proxy_url(kBase, nothing) == "https://proxy.example/proxy/ip");
}

TEST_CASE("parse_proxy_base takes http and https URLs", "[access][unit]") {
  CHECK(parse_proxy_base("https://h:8443/")->origin == "https://h:8443");
  CHECK(parse_proxy_base(" http://h/a/b// ")->path == "/a/b");
  CHECK_FALSE(parse_proxy_base("h:8888").has_value());
  CHECK_FALSE(parse_proxy_base("").has_value());
}
