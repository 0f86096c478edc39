#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::test {

/// One header line: the name as it was spelled, the value without surrounding blanks.
struct Header {
  std::string name;
  std::string value;

  bool operator==(const Header&) const = default;
};

/// Header lines in the order they were sent. Names are compared without regard to case.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<Header> lines) : lines_(lines) {}

  /// Appends a line, also when the name is already there.
  void add(std::string name, std::string value);
  /// Removes every line of this name and appends one.
  void set(std::string name, std::string value);

  /// Value of the first line of this name; nullopt when there is none.
  [[nodiscard]] std::optional<std::string> find(std::string_view name) const;
  /// Value of the first line of this name; empty when there is none.
  [[nodiscard]] std::string operator[](std::string_view name) const;
  /// Values of all lines of this name, in order.
  [[nodiscard]] std::vector<std::string> all(std::string_view name) const;
  /// How many lines have this name.
  [[nodiscard]] std::size_t count(std::string_view name) const;
  [[nodiscard]] bool contains(std::string_view name) const { return count(name) != 0; }
  /// Whether `token` is a member of the comma-separated lists of this name, without regard to case.
  [[nodiscard]] bool has_token(std::string_view name, std::string_view token) const;

  [[nodiscard]] auto begin() const noexcept { return lines_.begin(); }
  [[nodiscard]] auto end() const noexcept { return lines_.end(); }
  [[nodiscard]] std::size_t size() const noexcept { return lines_.size(); }
  [[nodiscard]] bool empty() const noexcept { return lines_.empty(); }

 private:
  std::vector<Header> lines_;
};

/// Whether two texts are equal but for the case of ASCII letters.
[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept;

/// `text` without spaces and tabs at its ends.
[[nodiscard]] std::string_view trimmed(std::string_view text) noexcept;

}  // namespace sluice::test
