#include <netdb.h>

#include <optional>
#include <string>

#include "sluice/core/destination.hpp"
#include "sluice/core/encoding.hpp"
#include "sluice/upstream/reach.hpp"
#include "support/catch.hpp"
#include "support/url_forms.hpp"

namespace sluice::test {
namespace {

using upstream::Reach;

constexpr std::uint16_t kPort = 8080;

const auto kTables = {ipv4_forms(), ipv6_forms(), syntax_forms()};

std::string_view name_of(FormVerdict verdict) {
  switch (verdict) {
    case FormVerdict::everywhere: return "allowed everywhere";
    case FormVerdict::lan: return "allowed under lan";
    case FormVerdict::any: return "allowed under any";
    case FormVerdict::name:
    case FormVerdict::no_name: return "a name";
    case FormVerdict::unusable: break;
  }
  return "unusable";
}

/// What the program makes of `text`, without a look-up or a connection.
std::string_view verdict_of(std::string_view text) {
  const auto url = parse_destination(text);
  if (!url) return name_of(FormVerdict::unusable);
  const auto address = upstream::known_address(url->host());
  if (!address) return name_of(FormVerdict::name);
  CHECK(upstream::may_dial(*address, Reach::any));
  const bool lan = upstream::may_dial(*address, Reach::lan);
  if (!upstream::may_dial(*address, Reach::public_only)) {
    return name_of(lan ? FormVerdict::lan : FormVerdict::any);
  }
  CHECK(lan);
  return name_of(FormVerdict::everywhere);
}

/// The address that the system's resolver reads in `host` without a look-up; empty for names.
std::string as_the_system_reads(const std::string& host) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &list) != 0) return {};
  char text[NI_MAXHOST] = "";
  (void)::getnameinfo(list->ai_addr, list->ai_addrlen, text, sizeof(text), nullptr, 0,
                      NI_NUMERICHOST);
  ::freeaddrinfo(list);
  return text;
}

}  // namespace

TEST_CASE("Every form of a URL gets its verdict", "[routes][upstream][unit]") {
  std::size_t rows = 0;
  for (const auto& table : kTables) {
    for (const auto& form : table) {
      const auto text = form.with_port(kPort);
      INFO(form.why << ": " << text);
      CHECK(verdict_of(text) == name_of(form.verdict));
      ++rows;
    }
  }
  CHECK(rows > 400);
}

TEST_CASE("Wrapping a form of a URL opens no way around its verdict", "[routes][upstream][unit]") {
  const auto unusable = name_of(FormVerdict::unusable);
  for (const auto& table : kTables) {
    for (const auto& form : table) {
      const auto text = form.with_port(kPort);
      INFO(form.why << ": " << text);
      // What is wrapped has to be a URL as it stands: it is neither trimmed nor repaired.
      const auto wrapped = Url::parse(text) ? name_of(form.verdict) : unusable;
      CHECK(verdict_of(base64_encode(text)) == wrapped);
      CHECK(verdict_of(base64url_encode(text)) == wrapped);
      CHECK(verdict_of(base64_encode(base64_encode(text))) == unusable);
      CHECK(verdict_of(form_encode(text)) == unusable);
      CHECK(verdict_of(base64_encode(form_encode(text))) == unusable);
    }
  }
}

TEST_CASE("An address is known exactly when the system reads one", "[routes][upstream][unit]") {
  for (const auto& table : kTables) {
    for (const auto& form : table) {
      const auto url = parse_destination(form.with_port(kPort));
      if (!url || url->host().ends_with('.') || url->host().ends_with("localhost")) continue;
      INFO(form.why << ": " << url->host());
      const auto known = upstream::known_address(url->host());
      const auto read = as_the_system_reads(url->host());
      CHECK(known.has_value() == !read.empty());
      if (known && !read.empty()) CHECK(*known == boost::asio::ip::make_address(read));
    }
  }
}

}  // namespace sluice::test
