#include "manifest_children.hpp"

#include "sluice/access/public_base.hpp"

namespace sluice::routes {

Result<ChildUrls> manifest_children(const server::Exchange& exchange, const Services& services,
                                    bool key_only_route) {
  const auto& query = exchange.query();
  ChildUrls::Options options;
  if (query.flag("no_proxy")) {
    options.proxied = Proxied::none;
  } else if (key_only_route || query.flag("key_only_proxy")) {
    options.proxied = Proxied::keys_only;
  }
  options.add_key_only_flag = key_only_route;
  if (!query.flag("force_playlist_proxy")) options.routing = services.hls.content_routing;
  options.stremio_proxy_url = services.hls.stremio_proxy_url;
  if (const auto key_url = query.get_nonempty("key_url")) {
    const auto url = Url::parse(*key_url);
    if (!url) return client_error(Errc::bad_request, "parameter key_url is not a URL");
    options.key_origin = url->origin();
  }
  const ChildUrls::Origin origin{
      access::public_base(exchange.request().headers, exchange.local_address(),
                          services.public_address),
      services.gate, exchange.authority()};
  return ChildUrls(origin, query, std::move(options));
}

}  // namespace sluice::routes
