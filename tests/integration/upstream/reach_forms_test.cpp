#include <string>
#include <vector>

#include "integration/upstream/error_reply.hpp"
#include "sluice/core/encoding.hpp"
#include "sluice/core/url.hpp"
#include "support/catch.hpp"
#include "support/fake_resolver.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"
#include "support/url_forms.hpp"

namespace sluice::test {
namespace {

using upstream::Reach;

/// The status of a refusal under `reach` when every name leads to loopback; 0 when the form is
/// allowed there, so that asking for it would leave this machine.
int refusal(FormVerdict verdict, Reach reach) {
  switch (verdict) {
    case FormVerdict::unusable: return 400;
    case FormVerdict::no_name: return 502;
    case FormVerdict::name:
    case FormVerdict::any: return reach == Reach::any ? 0 : 403;
    case FormVerdict::lan: return reach == Reach::public_only ? 403 : 0;
    case FormVerdict::everywhere: break;
  }
  return 0;
}

void check_refusal(const Response& response, int status) {
  if (status == 400) {
    CHECK(response.status == 400);
    CHECK(error_text(response).starts_with("Not a usable http or https URL"));
  } else {
    check_error(response, status, status == 403 ? "upstream.reach" : "not found");
  }
}

}  // namespace

TEST_CASE("No form of a URL gets through to an address that is refused",
          "[upstream][routes][integration]") {
  const auto reach = GENERATE(Reach::public_only, Reach::lan, Reach::any);
  const auto table = GENERATE(values({&ipv4_forms, &ipv6_forms, &syntax_forms}));
  FakeResolver names;
  names.answer("*", "127.0.0.1");
  ScriptedOrigin trap;
  OriginOptions six;
  six.ipv6 = true;
  ScriptedOrigin trap_six(six);
  const Proxy proxy([&](app::Settings& settings) {
    settings.upstream.reach = reach;
    settings.upstream.dns_cache_ttl = {};
  });
  std::size_t refused = 0;
  for (const auto& form : table()) {
    const int status = refusal(form.verdict, reach);
    if (status == 0) continue;
    ++refused;
    const auto& target = form.url.find('[') == form.url.npos ? trap : trap_six;
    const auto url = form.with_port(target.port());
    INFO(form.why << ": " << url);
    for (const auto* route :
         {"/proxy/stream", "/proxy/hls/manifest.m3u8", "/proxy/hls/segment.ts"}) {
      check_refusal(proxy.fetch(route, url), status);
    }
    check_refusal(proxy.fetch("/proxy/stream", base64url_encode(url)),
                  Url::parse(url) ? status : 400);
  }
  CHECK(refused > (reach == Reach::any ? 3 : 80));
  CHECK(trap.connection_count() == 0);
  CHECK(trap_six.connection_count() == 0);
}

}  // namespace sluice::test
