#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::test {

/// A playlist and what a proxy made of it.
struct Rewrite {
  std::string_view original;
  std::string_view base;  ///< the original's own URL, after redirects
  std::string_view rewritten;
  std::string_view proxy;  ///< where proxied URLs start: "http://p", without trailing slash
  /// The master's variables, for EXT-X-DEFINE:IMPORT.
  std::map<std::string, std::string> imported = {};
};

/// What is wrong with a rewrite, in words that name the line, counted from 1; empty: nothing.
///
/// * closed: each URI a player would fetch leads to the right endpoint of the proxy, whose
/// parameter
///   `d` is byte for byte the URL that the original's reference means;
/// * lossless: with the original references put back, the text is the original's, byte for byte;
/// * the number of lines is the same.
///
/// Variables are those of the lines before, and are passed on as parameters "v_<name>" to what a
/// master playlist leads to. A reference with a variable that two lines define differently, and
/// those behind the fourth in one tag, may as well stay as they are. Everything is read and
/// resolved by code of its own, none of the program's.
[[nodiscard]] std::vector<std::string> rewrite_faults(const Rewrite& rewrite);

/// The URL at which `proxy` serves the playlist of `url`.
[[nodiscard]] std::string proxied_playlist(std::string_view proxy, std::string_view url);

/// As rewrite_faults(), of a proxy in front of a proxy: `twice` is what the one at `outer` made of
/// `once.rewritten`, found at proxied_playlist(once.proxy, once.base). Both have to be without
/// fault, and what leads through both has to end at the original URL.
[[nodiscard]] std::vector<std::string> layered_faults(const Rewrite& once, std::string_view twice,
                                                      std::string_view outer);

}  // namespace sluice::test
