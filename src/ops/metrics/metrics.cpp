// recon.get_metrics(), for the view metrics and for exporters.
#include "ops/metrics/metrics.hpp"

#include "core/json.hpp"
#include "ops/monitors.hpp"
#include "pg/encoding.hpp"
#include "pg/jsonb.hpp"
#include "pg/setting_scope.hpp"

using namespace recon;

namespace {

constexpr char lock_timeout[] = "1s";  // who asks again soon need not wait

class ResultSink final : public ops::MetricSink {
  public:
    explicit ResultSink(pg::ResultSet& rows) : rows_(rows) {}
    void add(const ops::MetricKind& kind, std::initializer_list<ops::Label> labels,
             double value) override {
        std::string text = "{";
        for (const ops::Label& label : labels)
            text += (text.size() > 1 ? ", " : "") + json::quote(label.name) + ": " +
                    json::quote(pg::to_utf8(label.value));
        rows_.add(
            {kind.name, pg::Value::raw(pg::make_jsonb(text + "}")), value, kind.type, kind.help});
    }

  private:
    pg::ResultSet& rows_;
};

}  // namespace

RECON_FUNCTION(recon_get_metrics) {
    ops::require_monitor("get_metrics", "see the metrics");
    std::optional<std::string> wanted = pg::Arguments(fcinfo).optional_text(0);
    pg::ResultSet rows(fcinfo);
    ResultSink sink(rows);
    pg::OwnerScope owner;
    pg::SettingScope wait("lock_timeout", lock_timeout);
    bool found = false;
    for (std::span<const ops::MetricFamily> families :
         {ops::server_families(), ops::database_families()})
        for (const ops::MetricFamily& family : families) {
            if (wanted && *wanted != family.name) continue;
            found = true;
            pg::Spi spi;
            family.collect(spi, sink);
        }
    if (!found)
        throw Error(sqlstate::invalid_parameter_value,
                    "there is no family of metrics \"" + *wanted + "\"");
    return 0;
}
