// recon.get_metrics(), for the view metrics and for exporters.
#include "ops/metrics/metrics.hpp"

#include "core/json.hpp"
#include "ops/health/check.hpp"
#include "ops/monitors.hpp"
#include "pg/encoding.hpp"
#include "pg/jsonb.hpp"
#include "pg/report.hpp"
#include "pg/setting_scope.hpp"
#include "pg/subtransaction.hpp"

using namespace recon;

namespace {

constexpr char lock_timeout[] = "1s";  // who asks again soon need not wait

struct Sample {
    const ops::MetricKind* kind;
    std::string labels;  // JSON
    double value;
};

class SampleList final : public ops::MetricSink {
  public:
    void add(const ops::MetricKind& kind, std::initializer_list<ops::Label> labels,
             double value) override {
        std::string text = "{";
        for (const ops::Label& label : labels)
            text += (text.size() > 1 ? ", " : "") + json::quote(label.name) + ": " +
                    json::quote(pg::to_utf8(label.value));
        samples.push_back({&kind, text + "}", value});
    }
    std::vector<Sample> samples;
};

void add_family(pg::ResultSet& rows, const ops::MetricFamily& family) {
    SampleList list;
    {
        pg::Spi spi;
        family.collect(spi, list);
    }
    for (const Sample& sample : list.samples)
        rows.add({sample.kind->name, pg::Value::raw(pg::make_jsonb(sample.labels)), sample.value,
                  sample.kind->type, sample.kind->help});
}

}  // namespace

RECON_FUNCTION(recon_get_metrics) {
    ops::require_monitor("get_metrics", "see the metrics");
    std::optional<std::string> wanted = pg::Arguments(fcinfo).optional_text(0);
    pg::ResultSet rows(fcinfo);
    pg::OwnerScope owner;
    pg::SettingScope wait("lock_timeout", lock_timeout);
    bool found = false;
    for (std::span<const ops::MetricFamily> families :
         {ops::server_families(), ops::database_families()})
        for (const ops::MetricFamily& family : families) {
            if (!wanted) {
                // Where one cannot be had, as a table is locked, the others still can.
                if (std::optional<pg::Failure> failure =
                        pg::attempt([&] { add_family(rows, family); }))
                    pg::warning("could not read the metrics of the family \"" +
                                    std::string(family.name) + "\": " + failure->message,
                                "The others are shown.", ops::hint_for(*failure));
            } else if (*wanted == family.name) {
                found = true;
                add_family(rows, family);
            }
        }
    if (wanted && !found)
        throw Error(sqlstate::invalid_parameter_value,
                    "there is no family of metrics \"" + *wanted + "\"");
    return 0;
}
