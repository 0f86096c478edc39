#include "sluice/access/proxy_url.hpp"

#include "sluice/core/encoding.hpp"
#include "sluice/core/text.hpp"
#include "sluice/core/url.hpp"

namespace sluice::access {
namespace {

/// Byte ranges belong to one request, never to a link.
bool is_range_header(std::string_view name) noexcept {
  return iequals(name, "range") || iequals(name, "if-range");
}

void append_headers(Query& query, const ProxyUrlParts::Headers& headers, std::string_view prefix) {
  for (const auto& [name, value] : headers) {
    const bool prefixed = istarts_with(name, prefix);
    const auto bare = std::string_view(name).substr(prefixed ? prefix.size() : 0);
    if (value.empty() || bare.empty() || is_range_header(bare)) continue;
    query.append(prefixed ? name : std::string(prefix) + name, value);
  }
}

std::string joined(const std::vector<std::string>& names) {
  std::string list;
  for (const auto& name : names) {
    if (trim(name).empty()) continue;
    if (!list.empty()) list += ',';
    list += trim(name);
  }
  return list;
}

/// A file name as part of a path; its slashes stay.
void append_filename(std::string& out, std::string_view filename) {
  if (filename.empty()) return;
  if (!filename.starts_with('/')) out += '/';
  for (const char c : filename) {
    if (c == '/') {
      out += c;
    } else if (c == ' ') {
      out += "%20";  // a '+' would stay one in a path
    } else {
      form_encode_to(out, std::string_view(&c, 1));
    }
  }
}

void append_endpoint(std::string& out, const ProxyUrlParts& parts) {
  out += endpoint_path(parts);
  append_filename(out, parts.filename);
}

}  // namespace

std::string endpoint_path(const ProxyUrlParts& parts) {
  const std::string_view endpoint = parts.endpoint;
  const auto path = encode_illegal(endpoint.substr(0, endpoint.find_first_of("?#")));
  return path.empty() || path.starts_with('/') ? path : '/' + path;
}

Query proxy_url_parameters(const ProxyUrlParts& parts, std::string_view api_password) {
  auto query = parts.query_params;
  if (!api_password.empty() && !query.get("api_password")) {
    query.append("api_password", std::string(api_password));
  }
  if (parts.destination_url) {
    const auto& url = *parts.destination_url;
    query.append("d", parts.base64_encode_destination ? base64url_encode(url) : url);
  }
  append_headers(query, parts.request_headers, "h_");
  append_headers(query, parts.response_headers, "r_");
  append_headers(query, parts.propagate_response_headers, "rp_");
  if (auto list = joined(parts.remove_response_headers); !list.empty()) {
    query.append("x_headers", std::move(list));
  }
  if (!parts.stream_transformer.empty()) query.append("transformer", parts.stream_transformer);
  return query;
}

Result<ProxyBase> parse_proxy_base(std::string_view text) {
  const auto url = Url::parse(trim(text));
  if (!url) return url.error();
  std::string_view path = url->path();
  while (path.ends_with('/')) path.remove_suffix(1);
  return ProxyBase{url->origin(), std::string(path)};
}

std::string plain_proxy_url(const ProxyBase& base, const ProxyUrlParts& parts) {
  auto url = base.origin + base.path;
  append_endpoint(url, parts);
  const auto query = proxy_url_parameters(parts, {}).encode();
  if (!query.empty()) url.append("?").append(query);
  return url;
}

std::string token_proxy_url(const ProxyBase& base, const ProxyUrlParts& parts,
                            std::string_view token, std::string_view own_path) {
  const bool leads_here = !own_path.empty() && base.path == own_path;
  auto url = base.origin;
  if (leads_here) url += base.path;
  url.append("/_token_").append(token);
  if (!leads_here) url += base.path;
  append_endpoint(url, parts);
  return url;
}

}  // namespace sluice::access
