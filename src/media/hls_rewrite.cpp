#include "sluice/media/hls_rewrite.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "hls_decryption.hpp"
#include "sluice/core/reference_resolver.hpp"
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

std::size_t count_uri_lines(std::string_view playlist) noexcept {
  std::size_t count = 0;
  for (auto at = playlist.find('\n'); at != playlist.npos; at = playlist.find('\n', at + 1)) {
    if (at + 1 < playlist.size() && playlist[at + 1] != '#') ++count;
  }
  return count;
}

constexpr std::string_view kSteering = "#EXT-X-CONTENT-STEERING";
constexpr std::string_view kSteeringLeftOut = "# content steering left out: no address to follow";

std::size_t count_attributes(std::string_view attributes, std::string_view name) noexcept {
  std::size_t count = 0;
  hls::AttributeReader reader(attributes);
  while (const auto attribute = reader.next()) count += attribute->name == name ? 1 : 0;
  return count;
}

/// What a URI line addresses, given the tag that announced it, if any.
UriTarget line_target(std::string_view url, const hls::UriLineTag* announced) {
  if (announced != nullptr && announced->resource == Resource::playlist) {
    return {url, Resource::playlist, announced->found_in};
  }
  const bool is_playlist =
      announced != nullptr ? hls::is_playlist_url_among_segments(url) : hls::is_playlist_url(url);
  return {url, is_playlist ? Resource::playlist : Resource::segment, PlaylistKind::media};
}

}  // namespace

class PlaylistRewriter::Impl {
 public:
  Impl(std::string_view playlist, const Url& base, const UrlMapper& mapper,
       HlsRewriteOptions options);

  Result<bool> step(std::size_t bytes);
  std::string take() { return std::move(out_); }

 private:
  void rewrite_line(const hls::Line& line);
  void rewrite_tag(const hls::Line& line, const hls::Tag& tag);
  [[nodiscard]] bool leaves_out(std::string_view line, const std::optional<hls::Tag>& tag);
  void rewrite_uri_line(const hls::Line& line);
  void rewrite_attributes(std::string_view line, const hls::Tag& tag,
                          const SegmentDecryption* decryption);
  void rewrite_value(std::string_view line, const hls::Tag& tag);
  void append_mapped(std::string_view reference, const UriTarget& target, bool quoted);
  /// The absolute URL, for one call; nullopt when the reference has to stay as it is.
  [[nodiscard]] std::optional<std::string_view> resolve(std::string_view reference);

  const UrlMapper& mapper_;
  std::size_t max_output_;
  hls::Variables imported_;
  std::string_view url_query_;
  hls::Variables variables_;  ///< those defined so far
  ReferenceResolver resolver_;
  std::optional<HlsDecryption> decryption_;
  bool names_steering_;
  hls::LineReader reader_;
  std::size_t line_number_ = 0;
  std::string out_;
  std::string substituted_;                     ///< holds the reference that is being resolved
  const hls::UriLineTag* announced_ = nullptr;  ///< what the tags so far say of the next URI line
};

PlaylistRewriter::Impl::Impl(std::string_view playlist, const Url& base, const UrlMapper& mapper,
                             HlsRewriteOptions options)
    : mapper_(mapper),
      max_output_(options.max_output),
      imported_(std::move(options.imported)),
      url_query_(base.query()),
      resolver_(base),
      names_steering_(playlist.find(kSteering) != playlist.npos),
      reader_(hls::skip_byte_order_mark(playlist)) {
  if (options.decrypt) decryption_.emplace(playlist, variables_, resolver_);
  const auto growth = mapper.usual_growth() + base.text().size();
  out_.reserve(
      std::min(playlist.size() + playlist.size() / 4 + 4096 + count_uri_lines(playlist) * growth,
               max_output_));
  out_ += playlist.substr(0, playlist.size() - hls::skip_byte_order_mark(playlist).size());
}

Result<bool> PlaylistRewriter::Impl::step(std::size_t bytes) {
  for (std::size_t done = 0; done < bytes;) {
    const auto line = reader_.next();
    if (!line) return true;
    ++line_number_;
    if (line->text.size() > kMaxLine) {
      return upstream_error(Errc::not_a_playlist,
                            fmt::format("Line {} has more than {} bytes", line_number_, kMaxLine));
    }
    rewrite_line(*line);
    if (out_.size() > max_output_) {
      return upstream_error(Errc::body_too_large, "playlist too large after rewriting");
    }
    done += line->text.size() + line->ending.size();
  }
  return false;
}

void PlaylistRewriter::Impl::rewrite_line(const hls::Line& line) {
  const auto tag = hls::parse_tag(line.text);
  if (leaves_out(line.text, tag)) {
    out_.append(kSteeringLeftOut).append(line.ending);
  } else if (tag) {
    const auto instead = decryption_ ? decryption_->take(line, *tag) : std::nullopt;
    if (!instead) {
      rewrite_tag(line, *tag);
    } else if (!instead->empty()) {
      out_.append(*instead).append(line.ending);
    }
  } else if (hls::is_uri_line(line.text)) {
    rewrite_uri_line(line);
  } else {
    out_.append(line.text).append(line.ending);
  }
}

/// Players search for the tag's name in whatever line it stands.
bool PlaylistRewriter::Impl::leaves_out(std::string_view line, const std::optional<hls::Tag>& tag) {
  if (!names_steering_ || line.find(kSteering) == line.npos) return false;
  if (!tag || tag->name != kSteering.substr(1) ||
      line.find(kSteering, line.find(kSteering) + 1) != line.npos) {
    return true;
  }
  const auto server = hls::find_attribute(tag->value, "SERVER-URI");
  return !server || count_attributes(tag->value, "SERVER-URI") != 1 ||
         !resolve(trim(server->value));
}

void PlaylistRewriter::Impl::rewrite_tag(const hls::Line& line, const hls::Tag& tag) {
  if (const auto* row = hls::find_uri_line_tag(tag.name)) announced_ = row;
  if (hls::has_uri_attribute(tag.name)) {
    std::string edited;
    const auto* decryption = decryption_ ? decryption_->attribute(tag, edited) : nullptr;
    if (edited.empty()) {
      rewrite_attributes(line.text, tag, decryption);
    } else {
      rewrite_attributes(edited, *hls::parse_tag(edited), decryption);
    }
  } else if (hls::is_uri_tag(tag.name)) {
    rewrite_value(line.text, tag);
  } else if (tag.name == "EXT-X-DEFINE") {
    hls::read_define(tag.value, {imported_, url_query_}, variables_);
    out_ += hls::portable_define(line.text, tag.value, variables_).value_or(std::string(line.text));
  } else {
    out_ += line.text;
  }
  out_ += line.ending;
}

std::optional<std::string_view> PlaylistRewriter::Impl::resolve(std::string_view reference) {
  // An empty reference would resolve to the playlist itself, which is never meant.
  if (reference.empty()) return std::nullopt;
  if (!hls::has_variable(reference)) return resolver_.resolve(reference);
  auto text = variables_.substitute(reference);
  if (!text || text->empty()) return std::nullopt;
  substituted_ = *std::move(text);
  return resolver_.resolve(substituted_);
}

void PlaylistRewriter::Impl::rewrite_uri_line(const hls::Line& line) {
  const auto* announced = std::exchange(announced_, nullptr);
  const std::string_view reference = trim(line.text);
  hls::Line held;
  const auto* decryption = decryption_ ? decryption_->segment(reference, held) : nullptr;
  out_.append(held.text).append(held.ending);
  const auto blanks = static_cast<std::size_t>(reference.data() - line.text.data());
  if (const auto url = resolve(reference)) {
    out_ += line.text.substr(0, blanks);
    auto target = line_target(*url, announced);
    target.variables = variables_.empty() ? nullptr : &variables_;
    target.decryption = decryption;
    mapper_.append_to(out_, target);
    out_ += line.text.substr(blanks + reference.size());
  } else {
    out_ += line.text;
  }
  out_ += line.ending;
}

void PlaylistRewriter::Impl::rewrite_attributes(std::string_view line, const hls::Tag& tag,
                                                const SegmentDecryption* decryption) {
  std::size_t copied = 0;
  int seen = 0;
  hls::AttributeReader reader(tag.value);
  while (const auto attribute = seen < kMaxUrisPerTag ? reader.next() : std::nullopt) {
    if (!hls::may_be_uri(tag.name, attribute->name)) continue;
    ++seen;
    const auto* row = hls::find_uri_attribute(tag, attribute->name);
    if (row == nullptr) continue;
    if (row->resource == Resource::key && !hls::is_plain_key(tag.value)) break;
    const std::string_view reference = trim(attribute->value);
    const auto start = static_cast<std::size_t>(reference.data() - line.data());
    out_ += line.substr(copied, start - copied);
    UriTarget target{{}, row->resource, row->found_in, row->tag};
    target.variables = variables_.empty() ? nullptr : &variables_;
    target.decryption = decryption;
    append_mapped(reference, target, attribute->quoted);
    copied = start + reference.size();
  }
  out_ += line.substr(copied);
}

void PlaylistRewriter::Impl::rewrite_value(std::string_view line, const hls::Tag& tag) {
  const std::string_view reference = trim(tag.value);
  if (reference.empty()) {
    out_ += line;
    return;
  }
  const auto start = static_cast<std::size_t>(reference.data() - line.data());
  out_ += line.substr(0, start);
  append_mapped(reference, {{}, Resource::segment, PlaylistKind::media, tag.name}, true);
  out_ += line.substr(start + reference.size());
}

void PlaylistRewriter::Impl::append_mapped(std::string_view reference, const UriTarget& target,
                                           bool quoted) {
  const auto url = resolve(reference);
  if (!url) {
    out_ += reference;
    return;
  }
  const std::size_t start = out_.size();
  auto resolved = target;
  resolved.url = *url;
  mapper_.append_to(out_, resolved);
  // A comma would end a value without quotes.
  if (!quoted && out_.find(',', start) != out_.npos) {
    out_.insert(start, 1, '"');
    out_ += '"';
  }
}

PlaylistRewriter::PlaylistRewriter(std::string_view playlist, const Url& base,
                                   const UrlMapper& mapper, HlsRewriteOptions options)
    : impl_(std::make_unique<Impl>(playlist, base, mapper, std::move(options))) {}

PlaylistRewriter::~PlaylistRewriter() = default;

Result<bool> PlaylistRewriter::step(std::size_t bytes) {
  return impl_->step(bytes);
}

std::string PlaylistRewriter::take() {
  return impl_->take();
}

Result<std::string> rewrite_playlist(std::string_view playlist, const Url& base,
                                     const UrlMapper& mapper, HlsRewriteOptions options) {
  PlaylistRewriter rewriter(playlist, base, mapper, std::move(options));
  // Every line has at least one byte.
  if (auto done = rewriter.step(playlist.size() + 1); !done) return std::move(done).error();
  return rewriter.take();
}

}  // namespace sluice::media
