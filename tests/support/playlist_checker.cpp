#include "support/playlist_checker.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "support/playlist_references.hpp"
#include "support/reference_url.hpp"

namespace sluice::test {
namespace {

using Variables = std::map<std::string, std::string>;

constexpr std::size_t kCertainPlacesPerTag = 4;

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool is_playlist_word(std::string_view word) {
  return is_one_of(word, {"m3u8", "m3u", "m3u_plus"});
}

bool is_media_word(std::string_view word) {
  return is_one_of(word, {"ts", "m4s", "mp4", "m4a", "m4v", "aac"});
}

/// The parameter counts only where it is written in plain letters.
bool has_playlist_type(std::string_view url) {
  if (split_reference(url).query.find("m3u") == std::string::npos) return false;
  const auto types = parameters_of(url, "type");
  return !types.empty() && is_playlist_word(types.back());
}

bool is_playlist(std::string_view url, Endpoint endpoint) {
  const std::string extension = extension_of(url);
  if (is_playlist_word(extension)) return true;
  if (endpoint == Endpoint::by_url_among_segments && is_media_word(extension)) return false;
  return has_playlist_type(url);
}

std::string path_of(Endpoint endpoint, std::string_view url) {
  const std::string extension = extension_of(url);
  switch (endpoint) {
    case Endpoint::playlist: return "/proxy/hls/manifest.m3u8";
    case Endpoint::assets: return "/proxy/hls/assets.json";
    case Endpoint::steering: return "/proxy/hls/steering.json";
    case Endpoint::by_url:
    case Endpoint::by_url_among_segments:
      if (is_playlist(url, endpoint)) return path_of(Endpoint::playlist, url);
      break;
    case Endpoint::segment:
    case Endpoint::map: break;
  }
  if (is_media_word(extension)) return "/proxy/hls/segment." + extension;
  return endpoint == Endpoint::map ? "/proxy/hls/segment.mp4" : "/proxy/hls/segment.ts";
}

/// Text that cannot leave the place in a playlist it stands at.
bool is_tame(std::string_view url) {
  return std::all_of(url.begin(), url.end(), [](char c) {
    return c > ' ' && c < '\x7f' && std::string_view("\",#<>\\^`{|}").find(c) == std::string::npos;
  });
}

std::string shown(std::string_view text) {
  return '<' + std::string(text.substr(0, 300)) + '>';
}

/// The variables that hold at a line.
class Scope {
 public:
  Scope(std::string_view base, const Variables& imported) : base_(base), imported_(imported) {}

  /// The line as it has to be after rewriting.
  std::string define(std::string_view line) {
    const auto definition = find_definition(line);
    if (!definition) return std::string(line);
    const auto value = value_of(*definition);
    if (!value) return std::string(line);
    const auto [known, added] = variables_.emplace(definition->name, *value);
    if (!added && known->second != *value) unclear_.insert(definition->name);
    if (definition->kind != Definition::Kind::query_parameter) return std::string(line);
    std::string out(line);
    return out.replace(definition->start, definition->size,
                       "NAME=\"" + definition->name + "\",VALUE=\"" + *value + "\"");
  }

  [[nodiscard]] const Variables& variables() const { return variables_; }

  [[nodiscard]] bool is_unclear(std::string_view text) const {
    return std::any_of(unclear_.begin(), unclear_.end(), [&](const std::string& name) {
      return text.find("{$" + name + "}") != std::string_view::npos;
    });
  }
  [[nodiscard]] bool is_unclear_name(const std::string& name) const {
    return unclear_.count(name) > 0;
  }

 private:
  [[nodiscard]] std::optional<std::string> value_of(const Definition& definition) const {
    // Values may refer to earlier variables, as players have it.
    if (definition.kind == Definition::Kind::value) {
      return substitute(definition.value, variables_);
    }
    if (definition.kind == Definition::Kind::import) {
      const auto found = imported_.find(definition.name);
      return found == imported_.end() ? std::nullopt : std::optional(found->second);
    }
    const auto values = parameters_of(base_, definition.name);
    if (values.empty()) return std::nullopt;
    return values.back();
  }

  std::string_view base_;
  const Variables& imported_;
  Variables variables_;
  std::set<std::string> unclear_;
};

class Checker {
 public:
  explicit Checker(const Rewrite& rewrite)
      : rewrite_(rewrite), scope_(rewrite.base, rewrite.imported) {}

  std::vector<std::string> run();

 private:
  void check_line(std::string_view before, std::string_view after);
  [[nodiscard]] bool is_left_out(std::string_view line) const;
  void check_place(std::string_view before, std::string_view after, const Place& place,
                   bool may_stay);
  void check_url(std::string_view url, std::string_view wanted, const Place& place);
  void fault(const std::string& what) {
    faults_.push_back("line " + std::to_string(line_) + ": " + what);
  }

  const Rewrite& rewrite_;
  Scope scope_;
  std::vector<std::string> faults_;
  std::size_t line_ = 0;
  std::optional<Endpoint> announced_before_, announced_after_;
};

/// Steering whose manifest the player would get from elsewhere is to be left out: anything but one
/// tag with one address that resolves.
constexpr std::string_view kLeftOut = "# content steering left out";

bool take_mark(std::string_view& text) {
  if (text.substr(0, 3) != "\xef\xbb\xbf") return false;
  text.remove_prefix(3);
  return true;
}

std::vector<std::string> Checker::run() {
  std::string_view before = rewrite_.original, after = rewrite_.rewritten;
  if (take_mark(before) != take_mark(after)) return {"the byte order mark is not the original's"};
  const auto old_lines = lines_of(before), new_lines = lines_of(after);
  if (old_lines.size() != new_lines.size()) {
    return {std::to_string(new_lines.size()) + " lines instead of " +
            std::to_string(old_lines.size())};
  }
  for (std::size_t i = 0; i < old_lines.size(); ++i) {
    line_ = i + 1;
    check_line(old_lines[i], new_lines[i]);
  }
  return std::move(faults_);
}

void Checker::check_line(std::string_view before, std::string_view after) {
  if (before.find("#EXT-X-CONTENT-STEERING") != std::string_view::npos && is_left_out(before)) {
    if (after.substr(0, kLeftOut.size()) != kLeftOut) fault("steering past the proxy");
    return;
  }
  const std::string defined = scope_.define(before);
  if (defined != before) {
    if (after != defined) fault("not the definition " + shown(defined) + " but " + shown(after));
    return;
  }
  const auto old_places = find_places(before, announced_before_);
  const auto new_places = find_places(after, announced_after_);
  if (old_places.size() != new_places.size()) {
    fault(std::to_string(new_places.size()) + " URIs instead of " +
          std::to_string(old_places.size()));
    return;
  }
  std::string restored(after);
  for (std::size_t i = new_places.size(); i-- > 0;) {
    const Place& old_place = old_places[i];
    const std::string_view reference = before.substr(old_place.start, old_place.size);
    const std::string_view url = after.substr(new_places[i].start, new_places[i].size);
    check_place(reference, url, old_place, i >= kCertainPlacesPerTag);
    restored.replace(new_places[i].start, new_places[i].size, reference);
  }
  if (restored != before) fault("more than URIs changed: " + shown(after));
}

bool Checker::is_left_out(std::string_view line) const {
  constexpr std::string_view kTag = "#EXT-X-CONTENT-STEERING";
  if (line.find(kTag, line.find(kTag) + 1) != std::string_view::npos) return true;
  auto announced = announced_before_;
  const auto places = find_places(line, announced);
  if (places.size() != 1 || places[0].endpoint != Endpoint::steering) return true;
  const auto text = substitute(line.substr(places[0].start, places[0].size), scope_.variables());
  return !places[0].fetched || !text || text->empty() || !resolve_reference(rewrite_.base, *text);
}

void Checker::check_place(std::string_view before, std::string_view after, const Place& place,
                          bool may_stay) {
  if (scope_.is_unclear(before)) return;
  if (may_stay && before == after) return;
  std::optional<std::string> wanted;
  if (place.fetched) {
    // Nothing would be the playlist itself, which is where the player has it from.
    const auto text = substitute(before, scope_.variables());
    if (text && !text->empty()) wanted = resolve_reference(rewrite_.base, *text);
  }
  if (wanted) {
    check_url(after, *wanted, place);
  } else if (before != after) {
    fault("not left alone: " + shown(before) + " became " + shown(after));
  }
}

void Checker::check_url(std::string_view url, std::string_view wanted, const Place& place) {
  const std::string start = std::string(rewrite_.proxy) + path_of(place.endpoint, wanted) + '?';
  if (url.substr(0, start.size()) != start) {
    fault("does not lead to " + start + " but to " + shown(url));
    return;
  }
  if (!is_tame(url)) fault("holds what no URL in a playlist may: " + shown(url));
  const auto destinations = parameters_of(url, "d");
  if (destinations.size() != 1) {
    fault(std::to_string(destinations.size()) + " parameters d in " + shown(url));
  } else if (destinations[0] != wanted) {
    fault("leads to " + shown(destinations[0]) + " instead of " + shown(wanted));
  }
  if (!place.in_master || place.endpoint != Endpoint::playlist) return;
  for (const auto& [name, value] : scope_.variables()) {
    const auto given = parameters_of(url, "v_" + name);
    if (scope_.is_unclear_name(name)) continue;
    const bool carried = !given.empty() && given.back() == value;
    if (!carried) fault(std::string("does not carry v_").append(name).append("=").append(value));
  }
}

std::vector<std::string> prefixed(const char* prefix, std::vector<std::string> faults) {
  for (std::string& text : faults) text.insert(0, prefix);
  return faults;
}

/// The places of a whole text, as texts.
std::vector<std::string_view> references_of(std::string_view text) {
  take_mark(text);
  std::optional<Endpoint> announced;
  std::vector<std::string_view> references;
  for (const std::string_view line : lines_of(text)) {
    for (const Place& place : find_places(line, announced)) {
      references.push_back(line.substr(place.start, place.size));
    }
  }
  return references;
}

std::string destination_of(std::string_view url, std::string_view proxy) {
  if (url.substr(0, proxy.size()) != proxy) return {};
  const auto values = parameters_of(url, "d");
  return values.empty() ? std::string() : values[0];
}

}  // namespace

std::vector<std::string> rewrite_faults(const Rewrite& rewrite) {
  return Checker(rewrite).run();
}

std::string proxied_playlist(std::string_view proxy, std::string_view url) {
  return std::string(proxy) + "/proxy/hls/manifest.m3u8?d=" + encode_form(url);
}

std::vector<std::string> layered_faults(const Rewrite& once, std::string_view twice,
                                        std::string_view outer) {
  auto faults = prefixed("first ", rewrite_faults(once));
  const std::string base = proxied_playlist(once.proxy, once.base);
  const Rewrite second{once.rewritten, base, twice, outer};
  for (auto& text : prefixed("second ", rewrite_faults(second))) faults.push_back(std::move(text));
  if (!faults.empty()) return faults;

  const auto inner_urls = references_of(once.rewritten), outer_urls = references_of(twice);
  for (std::size_t i = 0; i < outer_urls.size(); ++i) {
    const std::string inside = destination_of(inner_urls[i], once.proxy);
    const std::string between = destination_of(outer_urls[i], outer);
    // What only the outer proxy changed is a reference the inner one had to leave alone.
    if (inside.empty() || between.empty()) continue;
    if (destination_of(between, once.proxy) != inside) {
      faults.push_back("through both proxies " + shown(between) + " instead of " + shown(inside));
    }
  }
  return faults;
}

}  // namespace sluice::test
