#include "sluice/http/header_list.hpp"

#include <algorithm>

#include "sluice/core/text.hpp"

namespace sluice::http {

void HeaderList::add(std::string_view name, std::string_view value) {
  const auto at = static_cast<std::uint32_t>(text_.size());
  const auto name_size = static_cast<std::uint32_t>(name.size());
  text_.append(name).append(value);
  entries_.push_back({at, name_size, at + name_size, static_cast<std::uint32_t>(value.size())});
}

void HeaderList::set(std::string_view name, std::string_view value) {
  // The arguments may be views into this list; its text stays where it is until add().
  remove(name);
  add(std::string(name), std::string(value));
}

void HeaderList::remove(std::string_view name) {
  std::erase_if(entries_, [&](const Entry& entry) { return has_name(entry, name); });
}

HeaderList::Field HeaderList::operator[](std::size_t index) const noexcept {
  const auto& entry = entries_[index];
  const std::string_view text = text_;
  return {text.substr(entry.name_at, entry.name_size),
          text.substr(entry.value_at, entry.value_size)};
}

bool HeaderList::has_name(const Entry& entry, std::string_view name) const noexcept {
  if (entry.name_size != name.size()) return false;
  return iequals({text_.data() + entry.name_at, entry.name_size}, name);
}

std::optional<std::string_view> HeaderList::get(std::string_view name) const noexcept {
  for (const auto& entry : entries_) {
    if (has_name(entry, name))
      return std::string_view(text_).substr(entry.value_at, entry.value_size);
  }
  return std::nullopt;
}

std::string_view HeaderList::value(std::string_view name) const noexcept {
  return get(name).value_or(std::string_view());
}

std::size_t HeaderList::count(std::string_view name) const noexcept {
  std::size_t found = 0;
  for (const auto& entry : entries_) found += has_name(entry, name);
  return found;
}

bool HeaderList::has_token(std::string_view name, std::string_view token) const noexcept {
  for (const auto& entry : entries_) {
    if (!has_name(entry, name)) continue;
    for (auto rest = std::string_view(text_).substr(entry.value_at, entry.value_size);;) {
      const auto comma = rest.find(',');
      if (iequals(trim(rest.substr(0, comma)), token)) return true;
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  return false;
}

void HeaderList::write_to(std::string& out) const {
  for (std::size_t i = 0; i < size(); ++i) {
    const auto field = (*this)[i];
    out.append(field.name).append(": ").append(field.value).append("\r\n");
  }
}

}  // namespace sluice::http
