// A transaction is armed in the slots of its keys when it is about to commit or to be prepared:
// after that everybody who could see its changes finds it there.
#include "memo/marks.hpp"

#include "pg/full_xid.hpp"
#include "pg/transaction_end.hpp"

namespace recon::memo {

namespace {

constexpr std::size_t most = 64;

// This backend's, of the transaction at hand.
struct Marks {
    std::array<slots::Place, most> places;
    std::size_t count = 0;
    bool all = false;
    bool armed = false;  // by the end of the transaction
    int statements = 0;  // that have begun
};
constinit Marks marks{};

bool is_noted(slots::Place place) {
    auto end = marks.places.begin() + static_cast<std::ptrdiff_t>(marks.count);
    return marks.all || std::find(marks.places.begin(), end, place) != end;
}

void arm() {
    FullXid xid = pg::own_full_xid();
    if (xid != 0) {
        slots::first_floor();
        if (marks.all)
            slots::arm_all(xid);
        else
            slots::arm(std::span(marks.places.data(), marks.count), xid);
    }
}

void before_end() {
    if (marks.count == 0 && !marks.all) return;
    arm();
    marks.armed = true;
}

void after_end() noexcept {
    marks.count = 0;
    marks.all = marks.armed = false;
    marks.statements = 0;
}

// What is marked when its end has begun is armed at once.
void marked_late() {
    if (marks.armed) arm();
}

void register_once() {
    static bool done = false;
    if (!done) pg::register_transaction_hooks({before_end, after_end});
    done = true;
}

}  // namespace

void mark(Kind kind, std::int64_t project_id) {
    if (!slots::available() || marks.all) return;
    slots::Place place = slots::place_of({kind, project_id});
    if (is_noted(place)) return;
    register_once();
    if (marks.count < most)
        marks.places[marks.count++] = place;
    else
        marks.all = true;
    marked_late();
}

void mark_all() {
    if (!slots::available()) return;
    register_once();
    marks.all = true;
    marked_late();
}

void begin_statement() {
    if (!slots::available()) return;
    register_once();
    ++marks.statements;
}

void end_statement() {
    if (marks.statements > 0) --marks.statements;
}

bool is_marked(slots::Place place) {
#if RECON_MEMO_WRONG == 2
    return false;  // what the transaction did itself
#endif
    return marks.statements > 0 || is_noted(place);
}

}  // namespace recon::memo
