#include "io/http_endpoint.hpp"

#include <httplib.h>

#include <atomic>
#include <charconv>
#include <optional>
#include <thread>
#include <utility>

namespace weir::io {

namespace {

constexpr std::size_t threads = 4;  // a connection that is kept alive holds one
constexpr std::size_t requests_per_connection_max = 1'000'000;
constexpr time_t idle_connection_s = 2;

struct host_and_port {
  std::string host;
  std::uint16_t port = 0;
};

std::optional<host_and_port> split(std::string_view address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  std::string_view host = address.substr(0, colon);
  const std::string_view digits = address.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return std::nullopt;  // IPv6 without brackets
  }
  host_and_port out{std::string{host}, 0};
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), out.port);
  if (failed != std::errc{} || end != digits.data() + digits.size() || host.empty()) return std::nullopt;
  return out;
}

/// Only this process may listen there: httplib would let several share the port, each getting some of the requests.
void set_socket_options(socket_t socket) {
  const int on = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
}

std::string unknown_path(const http_endpoint::handlers& paths) {
  std::string text = "not found; there is:\n";
  for (const auto& [path, handler] : paths) text.append(path).append("\n");
  return text;
}

}  // namespace

struct http_endpoint::server {
  server(handlers paths, actions posts) : paths_{std::move(paths)}, posts_{std::move(posts)} {
    http_.new_task_queue = [] { return new httplib::ThreadPool{threads}; };
    http_.set_tcp_nodelay(true);
    http_.set_keep_alive_max_count(requests_per_connection_max);
    http_.set_keep_alive_timeout(idle_connection_s);
    http_.set_payload_max_length(std::size_t{64} << 10);
    http_.set_socket_options(set_socket_options);
    for (const auto& [path, handler] : paths_) serve(path, handler);
    for (const auto& [path, act] : posts_) serve(path, act);
    http_.set_error_handler([this](const httplib::Request&, httplib::Response& response) {
      if (response.status == 404) response.set_content(unknown_path(paths_), "text/plain; charset=utf-8");
    });
  }

  ~server() {
    if (!thread_.joinable()) return;
    // stop() before the thread listens would be forgotten.
    while (!http_.is_running() && !has_ended_) std::this_thread::yield();
    http_.stop();
    thread_.join();
  }

  bool bind(const host_and_port& at) {
    const int port = at.port == 0                                   ? http_.bind_to_any_port(at.host.c_str())
                     : http_.bind_to_port(at.host.c_str(), at.port) ? at.port
                                                                    : -1;
    if (port <= 0) return false;
    port_ = static_cast<std::uint16_t>(port);
    return true;
  }

  void run() {
    thread_ = std::thread{[this] {
      http_.listen_after_bind();
      has_ended_ = true;
    }};
  }

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

 private:
  /// httplib takes regular expressions.
  static std::string pattern_of(const std::string& path) {
    std::string pattern;
    for (const char c : path) {
      if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '/') pattern += '\\';
      pattern += c;
    }
    return pattern;
  }

  static void send(http_reply reply, httplib::Response& response) {
    response.status = reply.status;
    response.set_content(std::move(reply.body), reply.content_type.c_str());
  }

  void serve(const std::string& path, const std::function<http_reply()>& handler) {
    http_.Get(pattern_of(path), [&handler](const httplib::Request&, httplib::Response& response) {
      send(handler(), response);
    });
  }

  void serve(const std::string& path, const std::function<http_reply(const query&)>& act) {
    http_.Post(pattern_of(path), [&act](const httplib::Request& request, httplib::Response& response) {
      if (request.has_header("Origin"))
        return send({"not from a web page\n", "text/plain; charset=utf-8", 403}, response);
      send(act(query{request.params.begin(), request.params.end()}), response);
    });
  }

  handlers paths_;
  actions posts_;
  httplib::Server http_;
  std::uint16_t port_ = 0;
  std::atomic<bool> has_ended_ = false;
  std::thread thread_;
};

http_endpoint::http_endpoint(std::unique_ptr<server> running) : server_{std::move(running)} {}
http_endpoint::~http_endpoint() = default;

std::uint16_t http_endpoint::port() const noexcept { return server_->port(); }

result<std::unique_ptr<http_endpoint>> http_endpoint::listen(const std::string& address, handlers paths,
                                                             actions posts) {
  const auto at = split(address);
  if (!at) {
    return error{errc::invalid_argument, "'" + address +
                                             "' is no address to listen on; write HOST:PORT, for example "
                                             "127.0.0.1:9090, or [::1]:9090"};
  }
  auto running = std::make_unique<server>(std::move(paths), std::move(posts));
  if (!running->bind(*at)) {
    return error{errc::invalid_argument,
                 "cannot listen on " + address +
                     ": the port is in use, or the address is none "
                     "of this machine; choose another port, or 0 for any that is free"};
  }
  running->run();
  return std::unique_ptr<http_endpoint>{new http_endpoint{std::move(running)}};
}

}  // namespace weir::io
