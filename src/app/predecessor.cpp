#include "predecessor.hpp"

#include <fmt/format.h>

#include "handover_socket.hpp"
#include "sluice/core/log.hpp"

namespace sluice::app {
namespace {

constexpr auto kAnswerPatience = std::chrono::seconds(5);
/// It has connections to look after, too.
constexpr auto kRelievePatience = std::chrono::seconds(10);

/// The text after "refused ", when that is what `line` says.
std::optional<std::string> refusal_in(std::string_view line) {
  if (!line.starts_with(handover::kRefused)) return std::nullopt;
  return std::string(line.substr(handover::kRefused.size()));
}

}  // namespace

Result<std::unique_ptr<Predecessor>> Predecessor::find(asio::io_context& io,
                                                       const std::string& path) {
  const auto fail = [&](std::string_view who, std::string_view why) {
    return internal_error(fmt::format("server.handover_socket: {}: {}: {}", path, who, why));
  };
  auto connection = connect_to(path);
  if (!connection) return connection.error();
  if (!*connection) return nullptr;
  std::unique_ptr<Predecessor> found(new Predecessor(io, std::move(*connection)));
  auto& channel = found->channel_;
  if (!channel.trusted()) return fail(channel.peer_name(), "it belongs to another user");
  auto said = channel.send(std::string(handover::kHello).append(handover::kVersion));
  auto answer = said ? channel.receive_blocking(kAnswerPatience) : said.error();
  if (!answer) {
    log::warning("no answer from {} at {}: {}", channel.peer_name(), path, answer.error().context);
    return nullptr;
  }
  if (const auto refusal = refusal_in(*answer)) return fail(channel.peer_name(), *refusal);
  if (*answer != handover::kSocket) return fail(channel.peer_name(), "it says something else");
  return found;
}

awaitable<Result<>> Predecessor::relieve() {
  if (auto said = channel_.send(handover::kServing); !said) co_return said;
  const auto answer = co_await channel_.receive(kRelievePatience);
  if (!answer) co_return answer.error();
  if (*answer != handover::kDraining) co_return internal_error("it says something else");
  co_return Result<>();
}

bool somebody_hosts(const std::string& path) {
  const auto connection = connect_to(path);
  return connection && *connection;
}

}  // namespace sluice::app
