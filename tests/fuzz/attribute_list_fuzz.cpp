#include "sluice/hls/attribute_list.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "fuzz/check.hpp"

using namespace sluice::hls;
using sluice::fuzz::check;

namespace {

std::vector<Attribute> attributes_of(std::string_view list) {
  std::vector<Attribute> attributes;
  AttributeReader reader(list);
  while (const auto attribute = reader.next()) attributes.push_back(*attribute);
  return attributes;
}

std::size_t offset_of(std::string_view part, std::string_view list) {
  check(part.data() >= list.data() && part.data() + part.size() <= list.data() + list.size(),
        "views point into the list");
  return static_cast<std::size_t>(part.data() - list.data());
}

/// Replaces the value of attribute `index`: the others have to stay, and it has to read as
/// replaced.
void check_replacement(std::string_view list, const std::vector<Attribute>& before,
                       std::size_t index) {
  const std::string_view value = before[index].value;
  const std::string changed =
      std::string(list).replace(offset_of(value, list), value.size(), "new");
  const auto after = attributes_of(changed);
  check(after.size() == before.size(), "replacing a value keeps the number of attributes");
  for (std::size_t i = 0; i < before.size(); ++i) {
    check(after[i].name == before[i].name && after[i].quoted == before[i].quoted, "names stay");
    check(after[i].value == (i == index ? "new" : before[i].value), "only one value changes");
  }
}

}  // namespace

/// Input: an attribute list.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view list(reinterpret_cast<const char*>(data), size);
  const auto attributes = attributes_of(list);
  std::size_t end = 0;
  for (const Attribute& attribute : attributes) {
    check(offset_of(attribute.name, list) >= end, "names follow values");
    check(offset_of(attribute.value, list) > offset_of(attribute.name, list),
          "values follow names");
    end = offset_of(attribute.value, list) + attribute.value.size();
    check(attribute.name.find_first_of("=,") == std::string_view::npos, "names are one word");
    check(attribute.value.find(attribute.quoted ? '"' : ',') == std::string_view::npos,
          "values end where they should");
    check(find_attribute(list, attribute.name).has_value(), "attributes are found by name");
  }
  // Quadratic, so that only the first few are tried.
  for (std::size_t i = 0; i < attributes.size() && i < 8; ++i)
    check_replacement(list, attributes, i);
  return 0;
}
