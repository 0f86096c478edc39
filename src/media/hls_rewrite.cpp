#include "sluice/media/hls_rewrite.hpp"

#include <algorithm>
#include <utility>

#include "sluice/core/text.hpp"
#include "sluice/hls/attribute_list.hpp"
#include "sluice/hls/lines.hpp"
#include "sluice/hls/playlist.hpp"
#include "sluice/hls/tag.hpp"

namespace sluice::media {
namespace {

using hls::PlaylistKind;
using hls::Resource;

/// No tag has more URIs than two, and an attribute may not repeat (RFC 8216, 4.2): a line of many
/// is an attempt to make the output huge.
constexpr int kMaxUrisPerTag = 4;

bool is_name_char(char c) noexcept {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

/// True when `text` holds a variable reference. RFC 8216bis, 4.3.
bool has_variable(std::string_view text) noexcept {
  for (auto at = text.find("{$"); at != text.npos; at = text.find("{$", at + 2)) {
    std::size_t end = at + 2;
    while (end < text.size() && is_name_char(text[end])) ++end;
    if (end > at + 2 && end < text.size() && text[end] == '}') return true;
  }
  return false;
}

/// What a URI line addresses, given the tag that announced it, if any.
UriTarget line_target(const Url& url, const hls::UriLineTag* announced) {
  if (announced != nullptr && announced->resource == Resource::playlist) {
    return {url, Resource::playlist, announced->found_in};
  }
  const bool is_playlist =
      announced != nullptr ? hls::is_playlist_url_among_segments(url) : hls::is_playlist_url(url);
  return {url, is_playlist ? Resource::playlist : Resource::segment, PlaylistKind::media};
}

class Rewriter {
 public:
  Rewriter(const Url& base, const UrlMapper& mapper) : base_(base), mapper_(mapper) {}

  Result<std::string> run(std::string_view playlist, std::size_t max_output);

 private:
  void rewrite_line(const hls::Line& line);
  void rewrite_uri_line(std::string_view line);
  void rewrite_attributes(std::string_view line, const hls::Tag& tag);
  void append_mapped(std::string_view reference, const hls::UriAttribute& row, bool quoted);
  /// The reference as a URL; an error when it has to stay as it is.
  [[nodiscard]] Result<Url> resolve(std::string_view reference) const;

  const Url& base_;
  const UrlMapper& mapper_;
  std::string out_;
  const hls::UriLineTag* announced_ = nullptr;  ///< what the tags so far say of the next URI line
};

Result<std::string> Rewriter::run(std::string_view playlist, std::size_t max_output) {
  out_.reserve(std::min(4 * playlist.size() + base_.text().size(), max_output));
  const std::string_view text = hls::skip_byte_order_mark(playlist);
  out_ += playlist.substr(0, playlist.size() - text.size());
  hls::LineReader reader(text);
  while (const auto line = reader.next()) {
    rewrite_line(*line);
    if (out_.size() > max_output) {
      return upstream_error(Errc::body_too_large, "playlist too large after rewriting");
    }
  }
  return std::move(out_);
}

void Rewriter::rewrite_line(const hls::Line& line) {
  if (const auto tag = hls::parse_tag(line.text)) {
    if (const auto* row = hls::find_uri_line_tag(tag->name)) announced_ = row;
    if (tag->name == "EXT-X-CONTENT-STEERING") return;
    if (hls::has_uri_attribute(tag->name)) {
      rewrite_attributes(line.text, *tag);
    } else {
      out_ += line.text;
    }
  } else if (hls::is_uri_line(line.text)) {
    rewrite_uri_line(line.text);
  } else {
    out_ += line.text;
  }
  out_ += line.ending;
}

Result<Url> Rewriter::resolve(std::string_view reference) const {
  // An empty reference would resolve to the playlist itself, which is never meant.
  if (reference.empty() || has_variable(reference)) return client_error(Errc::bad_url);
  return base_.resolve(reference);
}

void Rewriter::rewrite_uri_line(std::string_view line) {
  const auto* announced = std::exchange(announced_, nullptr);
  const std::string_view reference = trim(line);
  const auto url = resolve(reference);
  if (!url) {
    out_ += line;
    return;
  }
  const auto blanks = static_cast<std::size_t>(reference.data() - line.data());
  out_ += line.substr(0, blanks);
  mapper_.append_to(out_, line_target(*url, announced));
  out_ += line.substr(blanks + reference.size());
}

void Rewriter::rewrite_attributes(std::string_view line, const hls::Tag& tag) {
  std::size_t copied = 0;
  int mapped = 0;
  hls::AttributeReader reader(tag.value);
  while (const auto attribute = mapped < kMaxUrisPerTag ? reader.next() : std::nullopt) {
    const auto* row = hls::find_uri_attribute(tag, attribute->name);
    if (row == nullptr) continue;
    if (row->resource == Resource::key && !hls::is_plain_key(tag.value)) break;
    const std::string_view reference = trim(attribute->value);
    const auto start = static_cast<std::size_t>(reference.data() - line.data());
    out_ += line.substr(copied, start - copied);
    append_mapped(reference, *row, attribute->quoted);
    copied = start + reference.size();
    ++mapped;
  }
  out_ += line.substr(copied);
}

void Rewriter::append_mapped(std::string_view reference, const hls::UriAttribute& row,
                             bool quoted) {
  const auto url = resolve(reference);
  if (!url) {
    out_ += reference;
    return;
  }
  const std::size_t start = out_.size();
  if (row.resource == Resource::asset) {
    out_ += url->text();
  } else {
    mapper_.append_to(out_, {*url, row.resource, row.found_in, row.tag});
  }
  // A comma would end a value without quotes.
  if (!quoted && out_.find(',', start) != out_.npos) {
    out_.insert(start, 1, '"');
    out_ += '"';
  }
}

}  // namespace

Result<std::string> rewrite_playlist(std::string_view playlist, const Url& base,
                                     const UrlMapper& mapper, const HlsRewriteOptions& options) {
  return Rewriter(base, mapper).run(playlist, options.max_output);
}

}  // namespace sluice::media
