#include "sluice/access/public_base.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"

using namespace sluice;

TEST_CASE("public_base is where the client reached the server", "[access][unit]") {
  struct Row {
    const char* why;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string base;
  };
  const Row rows[] = {
      {"Host", {{"Host", "h"}}, "http://h"},
      {"Host and port", {{"Host", "h:8888"}}, "http://h:8888"},
      {"Host, IPv6", {{"Host", "[::1]:8888"}}, "http://[::1]:8888"},
      {"HTTP/1.0 without Host", {}, "http://local:1"},
      {"empty Host", {{"Host", ""}}, "http://local:1"},
      {"Host that would break the URL", {{"Host", "a\"b"}}, "http://local:1"},

      {"https", {{"Host", "h"}, {"X-Forwarded-Proto", "https"}}, "https://h"},
      {"HTTPS", {{"Host", "h"}, {"x-forwarded-proto", "HTTPS"}}, "https://h"},
      {"http", {{"Host", "h"}, {"X-Forwarded-Proto", "http"}}, "http://h"},
      {"list: the outermost first",
       {{"Host", "h"}, {"X-Forwarded-Proto", "https, http"}},
       "https://h"},
      {"list, the other order", {{"Host", "h"}, {"X-Forwarded-Proto", "http,https"}}, "http://h"},
      {"other scheme", {{"Host", "h"}, {"X-Forwarded-Proto", "javascript"}}, "http://h"},
      {"empty scheme", {{"Host", "h"}, {"X-Forwarded-Proto", ""}}, "http://h"},

      {"forwarded host", {{"Host", "h"}, {"X-Forwarded-Host", "p"}}, "http://p"},
      {"forwarded host and port", {{"Host", "h"}, {"X-Forwarded-Host", "p:81"}}, "http://p:81"},
      {"list of hosts", {{"Host", "h"}, {"X-Forwarded-Host", "p, q"}}, "http://p"},
      {"forwarded host with path", {{"Host", "h"}, {"X-Forwarded-Host", "p/q"}}, "http://h"},
      {"forwarded host with markup", {{"Host", "h"}, {"X-Forwarded-Host", "<p>"}}, "http://h"},
      {"forwarded host with user", {{"Host", "h"}, {"X-Forwarded-Host", "u@p"}}, "http://h"},
      {"empty forwarded host", {{"Host", "h"}, {"X-Forwarded-Host", " "}}, "http://h"},

      {"forwarded port", {{"Host", "h"}, {"X-Forwarded-Port", "81"}}, "http://h:81"},
      {"usual port of http", {{"Host", "h"}, {"X-Forwarded-Port", "80"}}, "http://h"},
      {"usual port of https",
       {{"Host", "h"}, {"X-Forwarded-Proto", "https"}, {"X-Forwarded-Port", "443"}},
       "https://h"},
      {"the other scheme's port",
       {{"Host", "h"}, {"X-Forwarded-Proto", "https"}, {"X-Forwarded-Port", "80"}},
       "https://h:80"},
      {"the host names a port itself",
       {{"Host", "h"}, {"X-Forwarded-Host", "p:81"}, {"X-Forwarded-Port", "82"}},
       "http://p:81"},
      {"IPv6 host without port",
       {{"Host", "h"}, {"X-Forwarded-Host", "[::2]"}, {"X-Forwarded-Port", "82"}},
       "http://[::2]:82"},
      {"port zero", {{"Host", "h"}, {"X-Forwarded-Port", "0"}}, "http://h"},
      {"port too large", {{"Host", "h"}, {"X-Forwarded-Port", "65536"}}, "http://h"},
      {"port with letters", {{"Host", "h"}, {"X-Forwarded-Port", "8x"}}, "http://h"},
      {"list of ports", {{"Host", "h"}, {"X-Forwarded-Port", "81,82"}}, "http://h:81"},

      {"prefix", {{"Host", "h"}, {"X-Forwarded-Prefix", "/a/b"}}, "http://h/a/b"},
      {"prefix with trailing slashes",
       {{"Host", "h"}, {"X-Forwarded-Prefix", "/a//"}},
       "http://h/a"},
      {"prefix that is the root", {{"Host", "h"}, {"X-Forwarded-Prefix", "/"}}, "http://h"},
      {"prefix without slash", {{"Host", "h"}, {"X-Forwarded-Prefix", "a"}}, "http://h"},
      {"prefix that names another host",
       {{"Host", "h"}, {"X-Forwarded-Prefix", "//evil"}},
       "http://h"},
      {"prefix with query", {{"Host", "h"}, {"X-Forwarded-Prefix", "/a?b"}}, "http://h"},
      {"prefix with space", {{"Host", "h"}, {"X-Forwarded-Prefix", "/a b"}}, "http://h"},
      {"prefix with quote", {{"Host", "h"}, {"X-Forwarded-Prefix", "/a\"b"}}, "http://h"},

      {"everything",
       {{"Host", "h:1"},
        {"X-Forwarded-Proto", "https"},
        {"X-Forwarded-Host", "p"},
        {"X-Forwarded-Port", "8443"},
        {"X-Forwarded-Prefix", "/x"}},
       "https://p:8443/x"},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    http::HeaderList headers;
    for (const auto& [name, value] : row.headers) headers.add(name, value);
    CHECK(access::public_base(headers, "local:1") == row.base);
  }
}

TEST_CASE("public_base reads what else proxies say, and what the operator says first",
          "[access][unit]") {
  struct Row {
    const char* why;
    std::vector<std::pair<std::string, std::string>> headers;
    access::PublicAddress configured;
    std::string base;
  };
  const Row rows[] = {
      {"X-Forwarded-Ssl", {{"Host", "h"}, {"X-Forwarded-Ssl", "on"}}, {}, "https://h"},
      {"X-Forwarded-Ssl off", {{"Host", "h"}, {"X-Forwarded-Ssl", "off"}}, {}, "http://h"},
      {"X-Forwarded-Protocol", {{"Host", "h"}, {"X-Forwarded-Protocol", "https"}}, {}, "https://h"},
      {"X-Url-Scheme", {{"Host", "h"}, {"X-Url-Scheme", "https"}}, {}, "https://h"},
      {"X-Forwarded-Proto before its like",
       {{"Host", "h"}, {"X-Forwarded-Proto", "http"}, {"X-Forwarded-Ssl", "on"}},
       {},
       "http://h"},
      {"Forwarded", {{"Host", "h"}, {"Forwarded", "for=1;host=p;proto=https"}}, {}, "https://p"},
      {"Forwarded, the outermost first",
       {{"Host", "h"}, {"Forwarded", "host=p;proto=https, host=q;proto=http"}},
       {},
       "https://p"},
      {"Forwarded with port", {{"Host", "h"}, {"Forwarded", "host=\"p:81\""}}, {}, "http://p:81"},
      {"Forwarded with markup", {{"Host", "h"}, {"Forwarded", "host=\"<p>\""}}, {}, "http://h"},
      {"Forwarded, malformed", {{"Host", "h"}, {"Forwarded", "host"}}, {}, "http://h"},
      {"X-Forwarded-Host before Forwarded",
       {{"Host", "h"}, {"X-Forwarded-Host", "p"}, {"Forwarded", "host=q;proto=https"}},
       {},
       "https://p"},
      {"X-Forwarded-Proto before Forwarded",
       {{"Host", "h"}, {"X-Forwarded-Proto", "http"}, {"Forwarded", "host=q;proto=https"}},
       {},
       "http://q"},
      {"path prefix of the settings", {{"Host", "h"}}, {"", "/below"}, "http://h/below"},
      {"X-Forwarded-Prefix before it",
       {{"Host", "h"}, {"X-Forwarded-Prefix", "/p"}},
       {"", "/below"},
       "http://h/p"},
      {"public URL before everything",
       {{"Host", "h"}, {"X-Forwarded-Host", "p"}, {"X-Forwarded-Prefix", "/p"}},
       {"https://proxy.example/x", "/below"},
       "https://proxy.example/x"},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    http::HeaderList headers;
    for (const auto& [name, value] : row.headers) headers.add(name, value);
    CHECK(access::public_base(headers, "local:1", row.configured) == row.base);
  }
}
