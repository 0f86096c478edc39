#include <cstddef>
#include <cstdint>

#include "fuzz/check.hpp"
#include "sluice/access/client_address.hpp"
#include "sluice/access/forwarded.hpp"
#include "sluice/access/public_base.hpp"
#include "sluice/core/text.hpp"
#include "sluice/core/url.hpp"

using namespace sluice;
using namespace sluice::access;
using fuzz::check;

namespace {

const auto kPeer = boost::asio::ip::make_address("10.0.0.1");

void check_client(const http::HeaderList& headers, std::string_view list) {
  const auto nobody = client_address(headers, kPeer, TrustedProxies());
  check(nobody.address == kPeer, "an untrusted peer speaks for itself only");
  const auto trusted = TrustedProxies::parse(list);
  if (!trusted) {
    check(!trusted.error().context.empty(), "the entry that is wrong is named");
    return;
  }
  const auto client = client_address(headers, kPeer, *trusted).address;
  check(client == plain_address(client), "an address has one form");
  if (!trusted->trusts(kPeer)) check(client == kPeer, "so does one that is not in the list");
}

void check_base(const http::HeaderList& headers) {
  const auto base = public_base(headers, "local:1");
  check(base.find_first_of(" \"<>\r\n\t?#\\") == std::string::npos,
        "nothing can break out of a URL");
  check(base.starts_with("http://") || base.starts_with("https://"), "it is a web address");
  check(!base.ends_with('/'), "paths can be appended");
}

}  // namespace

/// Input: the list of trusted proxies, then header lines "Name: value".
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto [list, lines] = fuzz::split_line(text);
  http::HeaderList headers;
  for (const auto line : split(lines, '\n')) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    headers.add(line.substr(0, colon), trim(line.substr(colon + 1)));
  }
  check_client(headers, list);
  check_base(headers);
  if (const auto elements = parse_forwarded(headers)) check(!elements->empty(), "none is absent");
  return 0;
}
