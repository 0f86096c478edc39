#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <random>
#include <string>

#include "sluice/access/token_codec.hpp"
#include "sluice/core/encoding.hpp"
#include "sluice/core/url.hpp"
#include "support/catch.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"

namespace sluice::test {
namespace {

namespace json = boost::json;

constexpr const char* kPassword = "orchid";

void with_password(app::Settings& settings) {
  settings.auth.api_password = kPassword;
  settings.auth.max_failures_per_minute = 0;
}

Response post(const Proxy& proxy, std::string_view path, const json::value& body) {
  return request(proxy.port(), "POST", path, {{"Content-Type", "application/json"}},
                 json::serialize(body));
}

/// The member `url` of the answer.
std::string url_of(const Response& response) {
  INFO(response.body);
  REQUIRE(response.status == 200);
  return std::string(json::parse(response.body).at("url").as_string());
}

/// Path and query of a URL that leads to `proxy`.
std::string target_of(const Proxy& proxy, const std::string& url) {
  const auto base = "http://127.0.0.1:" + std::to_string(proxy.port());
  REQUIRE(url.starts_with(base));
  return url.substr(base.size());
}

json::object parts(const Proxy& proxy) {
  return {{"mediaflow_proxy_url", "http://127.0.0.1:" + std::to_string(proxy.port())},
          {"endpoint", "/proxy/stream"}};
}

class Dice {
 public:
  explicit Dice(unsigned seed) : random_(seed) {}
  std::size_t below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_);
  }
  std::string text(const std::vector<std::string>& pieces, std::size_t most) {
    std::string made;
    for (auto left = below(most + 1); left > 0; --left) made += pieces[below(pieces.size())];
    return made;
  }

 private:
  std::mt19937 random_;
};

}  // namespace

TEST_CASE("What is generated reaches the origin byte for byte", "[access][integration]") {
  const std::vector<std::string> url_pieces = {"a",
                                               "/",
                                               "%2B",
                                               "+",
                                               "%2f",
                                               "%20",
                                               ",",
                                               ";",
                                               "=",
                                               "&",
                                               "?",
                                               "%",
                                               "%zz",
                                               "'",
                                               "(",
                                               "*",
                                               "@",
                                               ":",
                                               "~",
                                               "!",
                                               "\xc3\xa9",
                                               "\xf0\x9f\x94\x91",
                                               "..",
                                               "//",
                                               "[x]",
                                               "$",
                                               "\"",
                                               "<",
                                               "|",
                                               " x",
                                               "\\",
                                               "%25",
                                               "#f",
                                               "d=1",
                                               "exp",
                                               "&key_id=",
                                               "key",
                                               "%00",
                                               "api_password=z"};
  const std::vector<std::string> value_pieces = {"a", " b", "%20", "+", "&", "=", "\"", "\\",
                                                 ";", ",",  "#",   "?", "/", "x", "~",  "%"};
  ScriptedOrigin origin;
  origin.on_prefix("/", status(200, {}, "ok"));
  const Proxy proxy(with_password);
  const auto form = GENERATE(0, 1, 2, 3);  // plain, base64, legacy token, v2 token
  Dice dice(20 + static_cast<unsigned>(form));
  for (int round = 0; round < 60; ++round) {
    const auto url = origin.url("/" + dice.text(url_pieces, 12));
    const auto header = "v" + dice.text(value_pieces, 8) + "w";
    INFO(form << " " << url << " " << header);
    auto body = parts(proxy);
    body["destination_url"] = url;
    body["request_headers"] = json::object{{"X-Odd", header}};
    body["query_params"] = json::object{{"api_password", form < 2 ? kPassword : ""},
                                        {"n", round},
                                        {"odd", dice.text(value_pieces, 5)}};
    if (form == 1) body["base64_encode_destination"] = true;
    if (form >= 2) body["api_password"] = kPassword;
    if (form == 3) body["token"] = "v2";
    if (round % 3 == 0) body["filename"] = "a b" + dice.text(value_pieces, 4) + ".mp4";
    const auto made = url_of(post(proxy, "/generate_url", body));
    if (form >= 2) CHECK(made.find(kPassword) == std::string::npos);

    const auto response = get(proxy.port(), target_of(proxy, made));
    INFO(made << "\n" << response.body);
    REQUIRE(response.status == 200);
    const auto asked = origin.requests().back();
    CHECK(asked.target == Url::parse(url)->target());
    CHECK(asked.headers["X-Odd"] == header);
  }
}

TEST_CASE("/generate_url makes tokens with expiry and address", "[access][integration]") {
  const Proxy proxy(with_password);
  const access::TokenCodec codec(kPassword);
  auto body = parts(proxy);
  body["api_password"] = kPassword;
  body["destination_url"] = "http://h/a";
  body["expiration"] = 3600;
  body["ip"] = "2001:DB8::1";
  const bool v2 = GENERATE(false, true);
  if (v2) body["token"] = "v2";
  const auto before = std::time(nullptr);
  const auto target = target_of(proxy, url_of(post(proxy, "/generate_url", body)));
  REQUIRE(target.starts_with("/_token_"));
  REQUIRE(target.ends_with("/proxy/stream"));
  const auto token = codec.decode(target.substr(8, target.size() - 8 - 13));
  REQUIRE(token.has_value());
  CHECK((token->version == access::TokenVersion::v2) == v2);
  CHECK(token->claims.scope == (v2 ? "/proxy/stream" : ""));
  CHECK(token->claims.client == boost::asio::ip::make_address("2001:db8::1"));
  REQUIRE(token->claims.expires.has_value());
  CHECK(*token->claims.expires >= before + 3600);
  CHECK(*token->claims.expires <= std::time(nullptr) + 3600);
  CHECK(token->claims.parameters.get("api_password").has_value() == !v2);
}

TEST_CASE("/generate_url takes the forms and names of both servers", "[access][integration]") {
  const Proxy proxy;
  auto body = parts(proxy);
  body["destination_url"] = nullptr;
  body["endpoint"] = "/proxy/ip";
  const auto base = "http://127.0.0.1:" + std::to_string(proxy.port());
  CHECK(url_of(post(proxy, "/generate_url", body)) == base + "/proxy/ip");
  body["query_params"] = json::object{{"flag", true}, {"n", 1.5}, {"none", nullptr}, {"i", 7}};
  CHECK(url_of(post(proxy, "/proxy/generate_url", body)) ==
        base + "/proxy/ip?flag=true&n=1.5E0&i=7");

  const auto old = post(proxy, "/generate_encrypted_or_encoded_url", parts(proxy));
  CHECK(json::parse(old.body).at("encoded_url") == json::parse(old.body).at("url"));

  json::object many{{"mediaflow_proxy_url", base}, {"urls", json::array()}};
  for (const auto* url : {"http://h/1", "http://h/2"}) {
    many["urls"].as_array().push_back(
        json::object{{"endpoint", "/proxy/stream"}, {"destination_url", url}});
  }
  const auto answer = json::parse(post(proxy, "/generate_urls", many).body);
  CHECK(answer.at("urls").as_array().at(1).as_string() ==
        base + "/proxy/stream?d=http%3A%2F%2Fh%2F2");
}

TEST_CASE("/generate_url says which field is wrong", "[access][integration]") {
  const Proxy proxy(with_password);
  struct Row {
    const char* why;
    const char* field;
    json::value value;
  };
  const Row rows[] = {
      {"base missing", "mediaflow_proxy_url", nullptr},
      {"base that is no URL", "mediaflow_proxy_url", "proxy.example"},
      {"destination of another type", "destination_url", json::array{1}},
      {"headers that are no object", "request_headers", "a: b"},
      {"a header that is no text", "request_headers", json::object{{"a", json::object()}}},
      {"removed headers of another type", "remove_response_headers", 5},
      {"expiration in words", "expiration", "soon"},
      {"expiration in the past", "expiration", -5},
      {"expiration beyond all dates", "expiration", INT64_MAX},
      {"address", "ip", "somewhere"},
      {"address with a NUL", "ip", json::string("192.0.2.1\0x", 11)},
      {"address with a zone", "ip", "fe80::1%eth0"},
      {"token", "token", "v3"},
      {"flag", "base64_encode_destination", "perhaps"},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    auto body = parts(proxy);
    body[row.field] = row.value;
    const auto response = post(proxy, "/generate_url", body);
    CHECK(response.status == 400);
    CHECK(response.body.find(std::string("field ") + row.field) != std::string::npos);
  }
  for (const auto* text : {"", "{", "[]", "7", "{\"a\":1}{}"}) {
    INFO(text);
    CHECK(request(proxy.port(), "POST", "/generate_url", {}, text).status == 400);
  }
  auto v2 = parts(proxy);
  v2["token"] = "v2";
  v2["api_password"] = "wrong";
  CHECK(post(proxy, "/generate_url", v2).status == 403);
  const auto by_get = get(proxy.port(), "/generate_url");
  CHECK(by_get.status == 405);
  CHECK(by_get.headers["Allow"] == "POST, OPTIONS");
  CHECK(request(proxy.port(), "POST", "/generate_url", {}, std::string(300'000, ' ')).status ==
        413);
}

TEST_CASE("/generate_urls bounds what little input may become", "[access][integration]") {
  const Proxy proxy;
  std::string many = "[{}";
  for (int i = 0; i < 5000; ++i) many += ",{}";
  const auto ask = [&](const std::string& base, const std::string& urls) {
    return request(proxy.port(), "POST", "/generate_urls", {},
                   R"({"mediaflow_proxy_url":")" + base + R"(","urls":)" + urls + "]}")
        .status;
  };
  CHECK(ask("http://h", many) == 400);
  CHECK(ask("http://h/" + std::string(3000, 'a'), "[{}") == 400);
  CHECK(ask("http://h/" + std::string(2000, 'a'), many.substr(0, 4999 * 3)) == 413);
  CHECK(ask("http://h", many.substr(0, 4999 * 3)) == 200);
}

TEST_CASE("A v2 token opens the endpoint it was made for, however that is spelled",
          "[access][integration]") {
  ScriptedOrigin origin;
  origin.on("/a", status(200, {}, "ok"));
  const Proxy proxy(with_password);
  for (const auto* endpoint : {"/proxy/stream", "proxy/stream", "/proxy/stream?x=1"}) {
    INFO(endpoint);
    auto body = parts(proxy);
    body["endpoint"] = endpoint;
    body["destination_url"] = origin.url("/a");
    body["api_password"] = kPassword;
    body["token"] = "v2";
    const auto made = url_of(post(proxy, "/generate_url", body));
    CHECK(get(proxy.port(), target_of(proxy, made)).status == 200);
  }
}

TEST_CASE("/base64 helpers take queries and JSON", "[access][integration]") {
  const Proxy proxy(with_password);
  const auto encoded = "aHR0cHM6Ly9leGFtcGxlLmNvbS8_YT1i";
  const auto url = "https://example.com/?a=b";
  const auto by_query = request(proxy.port(), "POST", "/base64/encode?url=" + form_encode(url));
  CHECK(json::parse(by_query.body) ==
        json::value({{"encoded_url", encoded}, {"original_url", url}}));
  CHECK(post(proxy, "/base64/encode", {{"url", url}}).body == by_query.body);
  CHECK(json::parse(post(proxy, "/base64/decode", {{"encoded_url", encoded}}).body) ==
        json::value({{"decoded_url", url}, {"encoded_url", encoded}}));
  const auto bad = request(proxy.port(), "POST", "/base64/decode?encoded_url=abcdefghijkl");
  CHECK(bad.status == 400);
  CHECK(bad.body.find("Invalid base64 encoded URL") != std::string::npos);
  CHECK(request(proxy.port(), "POST", "/base64/encode").status == 400);

  struct Row {
    std::string text;
    bool is_base64;
  };
  for (const auto& row : {Row{encoded, true}, Row{"aHR0cHM6Ly9leGFtcGxlLmNvbS8/YT1i", true},
                          Row{url, false}, Row{"abc", false}, Row{"example.com", false}}) {
    INFO(row.text);
    const auto answer =
        json::parse(get(proxy.port(), "/base64/check?url=" + form_encode(row.text)).body);
    CHECK(answer.at("is_base64").as_bool() == row.is_base64);
    CHECK(answer.as_object().contains("decoded_url") == row.is_base64);
  }
}

}  // namespace sluice::test
