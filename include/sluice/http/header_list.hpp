#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::http {

/// Header fields in their order, names as written, looked up without regard to case. One allocation
/// for all text. Views it returns are invalidated by any change.
class HeaderList {
 public:
  struct Field {
    std::string_view name;
    std::string_view value;
  };

  /// Makes room for that much text and that many fields; only saves time.
  void reserve(std::size_t text_bytes, std::size_t fields) {
    text_.reserve(text_bytes);
    entries_.reserve(fields);
  }
  /// The arguments must not be views into this list.
  void add(std::string_view name, std::string_view value);
  /// Removes every field of that name, then adds.
  void set(std::string_view name, std::string_view value);
  void remove(std::string_view name);

  /// The first field of that name.
  [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const noexcept;
  /// As get(), empty when absent.
  [[nodiscard]] std::string_view value(std::string_view name) const noexcept;
  [[nodiscard]] std::size_t count(std::string_view name) const noexcept;
  /// True when a field of that name lists `token` (comma-separated, any case).
  [[nodiscard]] bool has_token(std::string_view name, std::string_view token) const noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] Field operator[](std::size_t index) const noexcept;

  /// Appends "Name: value\r\n" of every field.
  void write_to(std::string& out) const;

 private:
  struct Entry {
    std::uint32_t name_at, name_size, value_at, value_size;
  };

  [[nodiscard]] bool has_name(const Entry& entry, std::string_view name) const noexcept;

  std::string text_;
  std::vector<Entry> entries_;
};

}  // namespace sluice::http
