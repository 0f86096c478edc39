#include "sluice/core/encoding.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace sluice {
namespace {

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kHexDigits = "0123456789ABCDEF";
constexpr std::uint8_t kNoDigit = 0xff;

constexpr std::uint8_t byte_of(char c) noexcept {
  return static_cast<std::uint8_t>(c);
}
constexpr char char_of(std::uint32_t byte) noexcept {
  return static_cast<char>(byte & 0xffU);
}

constexpr std::array<std::uint8_t, 256> make_base64_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (std::size_t i = 0; i < kBase64Url.size(); ++i) {
    values[byte_of(kBase64Url[i])] = static_cast<std::uint8_t>(i);
  }
  values[byte_of('+')] = values[byte_of(' ')] = values[byte_of('-')];
  values[byte_of('/')] = values[byte_of('_')];
  return values;
}

constexpr auto kBase64Values = make_base64_values();

constexpr std::uint8_t hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
  return kNoDigit;
}

template <class Predicate>
constexpr std::array<bool, 256> make_char_set(Predicate contains) {
  std::array<bool, 256> set{};
  for (std::size_t i = 0; i < set.size(); ++i) set[i] = contains(static_cast<std::uint8_t>(i));
  return set;
}

constexpr auto kFormPlain = make_char_set([](std::uint8_t c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
});

constexpr auto kLegal = make_char_set([](std::uint8_t c) {
  constexpr std::string_view kForbidden = "\"<>\\^`{|}";
  return c > 0x20 && c < 0x7f && kForbidden.find(static_cast<char>(c)) == std::string_view::npos;
});

void append_percent(std::string& out, char c) {
  const char triplet[] = {'%', kHexDigits[byte_of(c) >> 4U], kHexDigits[byte_of(c) & 0x0fU]};
  out.append(triplet, sizeof triplet);
}

/// Appends the characters of `plain` as they are, in runs, and calls `escape` for each other one.
template <class Escape>
void append_escaped(std::string& out, std::string_view text, const std::array<bool, 256>& plain,
                    Escape escape) {
  std::size_t run = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (plain[byte_of(text[i])]) continue;
    out.append(text, run, i - run);
    escape(text[i]);
    run = i + 1;
  }
  out.append(text, run);
}

std::string decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%' && i + 2 < text.size()) {
      const std::uint32_t high = hex_value(text[i + 1]);
      const std::uint32_t low = hex_value(text[i + 2]);
      if (high != kNoDigit && low != kNoDigit) {
        out += char_of((high << 4U) | low);
        i += 2;
        continue;
      }
    }
    out += plus_is_space && c == '+' ? ' ' : c;
  }
  return out;
}

/// base64 without padding in one of the alphabets.
std::string encode_sextets(std::string_view bytes, std::string_view alphabet) {
  std::string out;
  out.reserve((bytes.size() * 4 + 2) / 3 + 2);
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : bytes) {
    bits = (bits << 8U) | byte_of(c);
    count += 8;
    while (count >= 6) {
      count -= 6;
      out += alphabet[(bits >> count) & 0x3fU];
    }
  }
  if (count > 0) out += alphabet[(bits << (6 - count)) & 0x3fU];
  return out;
}

}  // namespace

std::optional<std::string> base64_decode(std::string_view text) {
  if (!text.empty() && text.back() == '=') {
    if (text.size() % 4 != 0) return std::nullopt;
    text.remove_suffix(text[text.size() - 2] == '=' ? 2 : 1);
  }
  // A '=' elsewhere has no value in the table and is refused below.
  if (text.size() % 4 == 1) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const std::uint8_t value = kBase64Values[byte_of(c)];
    if (value == kNoDigit) return std::nullopt;
    bits = (bits << 6U) | value;
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += char_of(bits >> count);
    }
  }
  return out;
}

std::string base64_encode(std::string_view bytes) {
  auto out = encode_sextets(bytes, kBase64);
  out.append((4 - out.size() % 4) % 4, '=');
  return out;
}

std::string base64url_encode(std::string_view bytes) {
  return encode_sextets(bytes, kBase64Url);
}

std::string percent_decode(std::string_view text) {
  return decode(text, false);
}

std::string form_decode(std::string_view text) {
  return decode(text, true);
}

void form_encode_to(std::string& out, std::string_view text) {
  append_escaped(out, text, kFormPlain, [&](char c) {
    if (c == ' ') {
      out += '+';
    } else {
      append_percent(out, c);
    }
  });
}

std::string form_encode(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 4);
  form_encode_to(out, text);
  return out;
}

std::string encode_illegal(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  append_escaped(out, text, kLegal, [&](char c) { append_percent(out, c); });
  return out;
}

bool has_illegal(std::string_view text) noexcept {
  return std::any_of(text.begin(), text.end(), [](char c) { return !kLegal[byte_of(c)]; });
}

std::size_t utf8_sequence(std::string_view bytes) noexcept {
  const std::uint8_t first = byte_of(bytes[0]);
  if (first < 0x80) return 1;
  const std::size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (first < 0xc2 || first > 0xf4 || bytes.size() < length) return 0;
  // The second byte's narrower bounds keep out overlong forms, surrogates and values past U+10FFFF.
  const std::uint8_t lowest = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  const std::uint8_t highest = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  if (byte_of(bytes[1]) < lowest || byte_of(bytes[1]) > highest) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if ((byte_of(bytes[i]) & 0xc0U) != 0x80U) return 0;
  }
  return length;
}

bool is_utf8(std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const std::size_t length = utf8_sequence(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

}  // namespace sluice
