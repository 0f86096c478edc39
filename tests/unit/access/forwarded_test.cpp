#include "sluice/access/forwarded.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"

using namespace sluice;
using namespace sluice::access;

namespace {

std::string read(const std::vector<std::string>& lines) {
  http::HeaderList headers;
  for (const auto& line : lines) headers.add("Forwarded", line);
  const auto elements = parse_forwarded(headers);
  if (!elements) return "none";
  std::string text;
  for (const auto& [client, host, proto] : *elements) {
    text += client + "|" + host + "|" + proto + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("parse_forwarded reads what RFC 7239 allows, and no more", "[access][unit]") {
  struct Row {
    const char* why;
    std::vector<std::string> lines;
    const char* elements;
  };
  const Row rows[] = {
      {"absent", {}, "none"},
      {"the standard's example", {"for=\"_gazonk\""}, "_gazonk||\n"},
      {"names in any case, a quoted address",
       {"For=\"[2001:db8:cafe::17]:4711\""},
       "[2001:db8:cafe::17]:4711||\n"},
      {"several parameters", {"for=192.0.2.60;proto=http;by=203.0.113.43"}, "192.0.2.60||http\n"},
      {"two hops", {"for=192.0.2.43, for=198.51.100.17"}, "192.0.2.43||\n198.51.100.17||\n"},
      {"two lines", {"for=1", "for=2;host=h"}, "1||\n2|h|\n"},
      {"blanks around separators", {"for=1 ; proto=https ,\tfor=2"}, "1||https\n2||\n"},
      {"unknown parameters", {"secret=x;for=1"}, "1||\n"},
      {"escaped quote", {"host=\"a\\\"b\""}, "|a\"b|\n"},
      {"empty quoted value", {"for=\"\""}, "||\n"},
      {"IPv6 without the quotes it needs", {"for=[2001:db8::1]"}, "[2001:db8::1]||\n"},
      {"empty line", {""}, "none"},
      {"no value", {"for="}, "none"},
      {"no name", {"=1"}, "none"},
      {"no equals sign", {"for"}, "none"},
      {"blank before the equals sign", {"for =1"}, "none"},
      {"open quote", {"for=\"1"}, "none"},
      {"open escape", {"for=\"1\\"}, "none"},
      {"text behind a quote", {"for=\"1\"2"}, "none"},
      {"ends in a comma", {"for=1,"}, "none"},
      {"ends in a semicolon", {"for=1;"}, "none"},
      {"a bad line spoils all", {"for=1", "for"}, "none"},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    CHECK(read(row.lines) == row.elements);
  }
}
