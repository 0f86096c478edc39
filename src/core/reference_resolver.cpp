#include "sluice/core/reference_resolver.hpp"

#include <algorithm>

#include "sluice/core/encoding.hpp"

namespace sluice {
namespace {

/// True for a reference that has neither scheme nor authority, query alone, fragment nor dot
/// segments, so that it only has to be put behind the base's folder.
bool is_plain_relative(std::string_view reference) noexcept {
  if (reference.empty() || reference[0] == '/' || reference[0] == '?') return false;
  // A colon may end a scheme. Dot segments in the query would be harmless; they are rare.
  char previous = '/';
  for (const char c : reference) {
    if (c == ':' || c == '#' || (c == '.' && previous == '/')) return false;
    previous = c;
  }
  return !has_illegal(reference);
}

}  // namespace

ReferenceResolver::ReferenceResolver(const Url& base) : base_(base) {
  const auto parts = split_url(base.text());
  resolved_.append(parts.authority).append(parts.path.substr(0, parts.path.rfind('/') + 1));
  if (parts.path.empty()) resolved_ += '/';
  folder_size_ = resolved_.size();
  // A base with dot segments of its own takes the long way.
  if (std::string_view(resolved_).find("/.", parts.authority.size()) != std::string_view::npos) {
    folder_size_ = 0;
  }
}

bool ReferenceResolver::is_known_absolute(std::string_view reference) const noexcept {
  return !authority_.empty() && reference.starts_with(authority_) &&
         reference.size() <= Url::kMaxLength && reference.find('#') == reference.npos &&
         !has_illegal(reference);
}

std::optional<std::string_view> ReferenceResolver::resolve(std::string_view reference) {
  if (folder_size_ > 0 && is_plain_relative(reference) &&
      folder_size_ + reference.size() <= Url::kMaxLength) {
    resolved_.resize(folder_size_);
    resolved_ += reference;
    return resolved_;
  }
  if (is_known_absolute(reference)) return reference;
  const auto url = base_.resolve(reference);
  if (!url) return std::nullopt;
  other_ = url->text();
  const auto authority = split_url(other_).authority;
  if (reference.starts_with(authority) && other_.size() > authority.size() &&
      other_[authority.size()] == '/') {
    authority_.assign(authority).append("/");
  }
  return other_;
}

}  // namespace sluice
