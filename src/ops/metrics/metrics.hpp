// What recon.metrics shows: values with the names and types that Prometheus wants.
#pragma once

#include "pg/spi.hpp"

namespace recon::ops {

struct MetricKind {
    const char* name;  // recon_..., of a counter ending in _total
    const char* type;  // counter or gauge
    const char* help;
};

struct Label {
    const char* name;
    std::string value;
};

// Takes what a family gives.
class MetricSink {
  public:
    virtual ~MetricSink() = default;
    virtual void add(const MetricKind& kind, std::initializer_list<Label> labels, double value) = 0;
};

// Metrics that have the same labels, and are asked for together: named recon_<family>_..., those of
// the family "server" recon_.... Those of a database have the label datname; the others
// are of the server, whatever database they are asked in.
struct MetricFamily {
    const char* name;
    void (*collect)(pg::Spi& spi, MetricSink& sink);  // with the owner's rights
};
std::span<const MetricFamily> server_families();
std::span<const MetricFamily> database_families();

}  // namespace recon::ops
