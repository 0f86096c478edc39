#include "sluice/cenc/key_set.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <utility>

#include "sluice/core/encoding.hpp"
#include "sluice/core/text.hpp"

namespace sluice::cenc {
namespace {

using Bytes16 = std::array<char, 16>;
using TextPair = std::pair<std::string, std::string>;  ///< id and key

constexpr std::size_t kHexDigits = 32;

bool is_space(char c) noexcept {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

int digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = ascii_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::optional<Bytes16> from_hex(std::string_view digits) noexcept {
  Bytes16 bytes{};
  if (digits.size() != kHexDigits) return std::nullopt;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int high = digit(digits[2 * i]);
    const int low = digit(digits[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes[i] = static_cast<char>(high * 16 + low);
  }
  return bytes;
}

std::optional<Bytes16> from_base64(std::string_view text) {
  const auto decoded = base64_decode(text);
  Bytes16 bytes{};
  if (!decoded || decoded->size() != bytes.size()) return std::nullopt;
  std::copy(decoded->begin(), decoded->end(), bytes.begin());
  return bytes;
}

Error wrong(std::string_view parameter, std::string_view what) {
  return client_error(Errc::bad_request, std::string(parameter).append(": ").append(what));
}

constexpr std::string_view kForms =
    "neither 32 hexadecimal digits, nor a UUID, nor base64 of 16 bytes";

/// The text of a member, or nullopt.
std::optional<std::string> text_of(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains(boost::json::string_view(name.data(), name.size()));
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(value->get_string().data(), value->get_string().size());
}

/// A JWK set (RFC 7517), or an object whose members are ids and keys.
Result<std::vector<TextPair>> pairs_of_json(std::string_view parameter, std::string_view text) {
  boost::system::error_code failed;
  const auto json = boost::json::parse(boost::json::string_view(text.data(), text.size()), failed);
  if (failed || !json.is_object()) return wrong(parameter, "not a JSON object");
  std::vector<TextPair> pairs;
  const auto* keys = json.get_object().if_contains("keys");
  if (keys == nullptr) {
    for (const auto& member : json.get_object()) {
      if (!member.value().is_string()) return wrong(parameter, "a key that is not text");
      const auto& value = member.value().get_string();
      pairs.emplace_back(std::string(member.key().data(), member.key().size()),
                         std::string(value.data(), value.size()));
    }
    return pairs;
  }
  if (!keys->is_array()) return wrong(parameter, "the keys of a JWK set are not a list");
  for (const auto& entry : keys->get_array()) {
    if (!entry.is_object()) return wrong(parameter, "a key of a JWK set is not an object");
    const auto& object = entry.get_object();
    const auto type = text_of(object, "kty");
    auto kid = text_of(object, "kid");
    auto key = text_of(object, "k");
    if ((type && *type != "oct") || !kid || !key) {
      return wrong(parameter, "a key of a JWK set is not symmetric, or lacks \"kid\" or \"k\"");
    }
    pairs.emplace_back(std::move(*kid), std::move(*key));
  }
  return pairs;
}

/// "id:key,id:key"; nullopt when the text is a list without colons.
Result<std::optional<std::vector<TextPair>>> pairs_of(std::string_view parameter,
                                                      std::string_view text) {
  if (text.starts_with('{')) {
    auto pairs = pairs_of_json(parameter, text);
    if (!pairs) return pairs.error();
    return std::optional(std::move(*pairs));
  }
  if (text.find(':') == text.npos) return std::optional<std::vector<TextPair>>();
  std::vector<TextPair> pairs;
  for (const auto part : split(text, ',')) {
    const auto colon = part.find(':');
    if (colon == part.npos) return wrong(parameter, "pairs \"id:key\" and others are mixed");
    pairs.emplace_back(part.substr(0, colon), part.substr(colon + 1));
  }
  return std::optional(std::move(pairs));
}

Result<std::vector<Bytes16>> list_of(std::string_view parameter, std::string_view text) {
  std::vector<Bytes16> list;
  if (text.empty()) return list;
  for (const auto part : split(text, ',')) {
    const auto bytes = parse_key_bytes(part);
    if (!bytes) {
      const auto which = "entry " + std::to_string(list.size() + 1) + " is ";
      return wrong(parameter, which + std::string(kForms));
    }
    list.push_back(*bytes);
  }
  return list;
}

}  // namespace

std::string to_string(const Kid& kid) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char byte : kid) {
    text += kDigits[static_cast<unsigned char>(byte) >> 4U];
    text += kDigits[static_cast<unsigned char>(byte) & 0xfU];
  }
  return text;
}

std::optional<std::array<char, 16>> parse_key_bytes(std::string_view text) {
  text = trimmed(text);
  // A '+' in a query arrives as a space: as long as it fits so, it is one.
  if (text.size() == 22 || text.size() == 24) {
    if (auto bytes = from_base64(text)) return bytes;
  }
  std::string dense(text);
  std::erase_if(dense, is_space);
  std::string digits(istarts_with(dense, "0x") ? dense.substr(2) : dense);
  std::erase(digits, '-');
  // A key in base64url may have dashes too, but is shorter.
  if (auto bytes = from_hex(digits)) return bytes;
  return from_base64(dense);
}

Result<KeySet> KeySet::parse(std::string_view key_ids, std::string_view keys) {
  key_ids = trimmed(key_ids);
  keys = trimmed(keys);
  KeySet set;
  bool paired = false;
  for (const auto& [parameter, text] : {std::pair("key_id", key_ids), std::pair("key", keys)}) {
    const auto pairs = pairs_of(parameter, text);
    if (!pairs) return pairs.error();
    if (!*pairs) continue;
    paired = true;
    for (const auto& [kid_text, key_text] : **pairs) {
      const auto kid = parse_key_bytes(kid_text);
      const auto key = parse_key_bytes(key_text);
      const auto number = std::to_string(set.entries_.size() + 1);
      if (!kid) return wrong(parameter, "the id of pair " + number + " is " + std::string(kForms));
      if (!key) return wrong(parameter, "the key of pair " + number + " is " + std::string(kForms));
      set.entries_.push_back({*kid, *key});
    }
  }
  if (paired) {
    if (set.entries_.empty()) return wrong("key", "no key in it");
    return set;
  }
  const auto id_list = list_of("key_id", key_ids);
  if (!id_list) return id_list.error();
  const auto key_list = list_of("key", keys);
  if (!key_list) return key_list.error();
  if (key_list->empty()) return wrong("key", id_list->empty() ? "missing" : "missing for key_id");
  if (id_list->empty()) {
    if (key_list->size() > 1) return wrong("key_id", "missing: there is more than one key");
    return for_everything(key_list->front());
  }
  if (id_list->size() != key_list->size()) {
    return wrong("key", "not as many as there are in key_id");
  }
  for (std::size_t i = 0; i < id_list->size(); ++i) {
    set.entries_.push_back({(*id_list)[i], (*key_list)[i]});
  }
  return set;
}

KeySet KeySet::for_everything(const Key& key) {
  KeySet set;
  set.entries_.push_back({std::nullopt, key});
  return set;
}

const Key* KeySet::find_exactly(const Kid& kid) const noexcept {
  for (const auto& entry : entries_) {
    if (entry.kid == kid) return &entry.key;
  }
  return nullptr;
}

const Key* KeySet::find(const Kid& kid) const noexcept {
  if (const auto* key = find_exactly(kid)) return key;
  auto guid = kid;
  std::reverse(guid.begin(), guid.begin() + 4);
  std::reverse(guid.begin() + 4, guid.begin() + 6);
  std::reverse(guid.begin() + 6, guid.begin() + 8);
  if (const auto* key = find_exactly(guid)) return key;
  return entries_.size() == 1 ? &entries_.front().key : nullptr;
}

}  // namespace sluice::cenc
