#pragma once

#include <boost/system/result.hpp>
#include <string>

namespace sluice::app {

/// Why the settings or the command line cannot be used: one line for whoever starts the program,
/// saying where (file and line, or flag), which key, what is wrong and what is expected. It never
/// holds the value of a secret, nor a control character.
struct SettingsError {
  std::string text;
  /// While a key's value is being read: where inside the value, when that is more than the key and
  /// its source say. SourcedSettings puts both into the text.
  std::string place = {};  ///< "sluice.toml:14"
  std::string below = {};  ///< ".\"all://\".proxy"
};

template <class T = void>
using Checked = boost::system::result<T, SettingsError>;

}  // namespace sluice::app
