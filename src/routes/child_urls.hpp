#pragma once

#include <string>
#include <string_view>

#include "sluice/access/gate.hpp"
#include "sluice/core/query.hpp"
#include "sluice/media/hls_rewrite.hpp"

namespace sluice::routes {

/// Which URIs of a playlist go through the proxy.
enum class Proxied : std::uint8_t {
  all,
  keys_only,  ///< segments direct; playlists, keys and every other attribute through the proxy
  none,       ///< all direct, only made absolute
};

/// The URLs a rewritten playlist leads to: this proxy's manifest and segment endpoints with the
/// parameters of the request that fetched the playlist, `d` replaced.
class ChildUrls final : public media::UrlMapper {
 public:
  struct Options {
    Proxied proxied = Proxied::all;
    /// Scheme, host and port that replace those of every EXT-X-KEY; empty: keep.
    std::string key_origin;
    /// Children learn of key_only_proxy even if the request's parameters do not say it.
    bool add_key_only_flag = false;
  };

  /// Where the URLs lead and what they have to carry to be let in.
  struct Origin {
    std::string base;  ///< this server's public address without trailing slash
    const access::Gate& gate;
    const access::Authority& authority;
  };

  /// What `origin` refers to outlives this.
  ChildUrls(Origin origin, const Query& query, Options options);

  void append_to(std::string& out, const media::UriTarget& target) const override;

 private:
  /// A URL up to the value of `d`, and what follows it.
  struct Template {
    std::string before;
    std::string after;
  };
  [[nodiscard]] static Template make_template(std::string start, const Query& parameters);
  [[nodiscard]] bool is_direct(const media::UriTarget& target) const;
  void append_hidden(std::string& out, const media::UriTarget& target, std::string_view url) const;

  Origin origin_;
  Options options_;
  bool hidden_;  ///< the URLs are tokens, made of the queries; otherwise of the templates
  Query manifest_query_;
  Query segment_query_;
  Template manifest_;
  std::string segment_start_;  ///< up to the extension
  Template segment_;           ///< from behind the extension
};

}  // namespace sluice::routes
