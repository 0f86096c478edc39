#pragma once

#include <string>
#include <string_view>

#include "sluice/access/gate.hpp"
#include "sluice/core/query.hpp"
#include "sluice/media/hls_rewrite.hpp"
#include "sluice/routes/settings.hpp"

namespace sluice::routes {

/// Which URIs of a playlist go through the proxy.
enum class Proxied : std::uint8_t {
  all,
  keys_only,  ///< segments direct; playlists, keys and every other attribute through the proxy
  none,       ///< all direct, only made absolute
};

/// Parameters of a child manifest that carry the variables of the master playlist start so.
inline constexpr std::string_view kVariablePrefix = "v_";

/// The URLs a rewritten playlist leads to: this proxy's endpoints with the parameters of the
/// request that fetched the playlist, `d` replaced.
class ChildUrls final : public media::UrlMapper {
 public:
  struct Options {
    Proxied proxied = Proxied::all;
    /// Scheme, host and port that replace those of every EXT-X-KEY; empty: keep.
    std::string key_origin;
    /// Children learn of key_only_proxy even if the request's parameters do not say it.
    bool add_key_only_flag = false;
    /// Where the segments on URI lines lead, when all is proxied.
    ContentRouting routing = ContentRouting::mediaflow;
    /// Of the Stremio server, without trailing slash; for its routing.
    std::string stremio_proxy_url;
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
  [[nodiscard]] std::size_t usual_growth() const override;

 private:
  /// The endpoints, each with the parameters that concern it.
  enum class Endpoint : std::uint8_t { manifest, asset, segment, plain, steering, assets };
  static constexpr std::size_t kEndpoints = 6;

  /// A URL up to the value of `d`, and what follows it.
  struct Template {
    std::string path;    ///< up to the extension, if there is one
    std::string before;  ///< from behind it
    std::string after;
    Query query;  ///< of which a token is made
  };

  [[nodiscard]] static Endpoint endpoint_of(hls::Resource resource) noexcept;
  [[nodiscard]] static std::string_view path_of(Endpoint endpoint) noexcept;
  [[nodiscard]] static Query parameters_of(Endpoint endpoint, const Query& query);
  [[nodiscard]] static Template make_template(std::string path, Query parameters);
  [[nodiscard]] bool is_direct(const media::UriTarget& target) const;
  [[nodiscard]] std::string moved_key(std::string_view url) const;
  void append_target(std::string& out, const media::UriTarget& target, std::string_view url) const;
  void append_open(std::string& out, const media::UriTarget& target, std::string_view url) const;
  void append_segment(std::string& out, const media::UriTarget& target, std::string_view url) const;
  void append_hidden(std::string& out, const media::UriTarget& target, std::string_view url) const;
  void append_stremio(std::string& out, std::string_view url) const;

  Origin origin_;
  Options options_;
  bool hidden_;  ///< the URLs are tokens
  Template templates_[kEndpoints];
  Query response_headers_;  ///< for Stremio
  /// The segment URL written last up to the end of its folder, and the beginning of the child for
  /// all from there, with this extension: most come from one folder. A cache, so one thread only.
  struct Folder {
    std::string url;
    std::string child;
    std::string_view extension;
  };
  mutable Folder folder_;
};

}  // namespace sluice::routes
