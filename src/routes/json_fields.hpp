#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sluice/core/error.hpp"
#include "sluice/server/exchange.hpp"

namespace sluice::routes {

/// `body` as a JSON object. bad_request (origin client) when it is something else.
[[nodiscard]] Result<boost::json::object> parse_json_object(std::string_view body);

/// Answers with JSON that nobody may keep: it may hold passwords and addresses.
[[nodiscard]] awaitable<Result<>> send_json(server::Exchange& exchange,
                                            const boost::json::object& answer);

/// Takes fields out of a JSON object, forgiving of types where the meaning is clear: a number or
/// boolean where text is wanted becomes its text, null counts as absent. The first field that
/// cannot be understood is remembered; what is taken after it is not to be used.
class JsonFields {
 public:
  /// `where` is put before the names in messages ("urls[2].").
  explicit JsonFields(const boost::json::object& object, std::string where = {})
      : object_(object), where_(std::move(where)) {}

  [[nodiscard]] std::optional<std::string> text(std::string_view name);
  /// As text(); absent or empty is a failure.
  [[nodiscard]] std::string required_text(std::string_view name);
  [[nodiscard]] bool flag(std::string_view name);
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name);
  /// An object of scalars, in its order; null members are left out.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> texts_by_name(
      std::string_view name);
  /// A list of texts, or one text with commas.
  [[nodiscard]] std::vector<std::string> texts(std::string_view name);
  /// A list of objects; absent is a failure.
  [[nodiscard]] std::vector<const boost::json::object*> objects(std::string_view name);

  void fail(std::string_view name, std::string_view expected);
  /// bad_request, naming the field and what was expected.
  [[nodiscard]] Result<> result() const;

 private:
  [[nodiscard]] const boost::json::value* find(std::string_view name) const;

  const boost::json::object& object_;
  std::string where_;
  std::optional<Error> error_;
};

}  // namespace sluice::routes
