#include "core/match/group/many_to_many.hpp"

#include <algorithm>
#include <iterator>
#include <map>

namespace recon::match::group {

namespace {

using field::int128;

// Parts of one size that the first in order is taken from.
constexpr std::size_t most_compared = 1000;

std::uint64_t records_of(std::span<const SetPart> parts) {
    std::uint64_t records = 0;
    for (const SetPart& part : parts) records += part.count;
    return records;
}

}  // namespace

// Each set of records to leave out gives a part, if that is a group.
class ManyToMany::Cuts final : public SumVisitor {
  public:
    Cuts(ManyToMany& groups, const Component& component, const SubsetSearch& search, const Bag& a,
         const Bag& b, std::size_t most, std::vector<Cut>& cuts)
        : groups_(groups),
          component_(component),
          search_(search),
          a_(a),
          b_(b),
          most_(most),
          cuts_(cuts) {}

    void restart() override { cuts_.clear(); }
    bool visit(const Sum& sum) override {
        Cut cut;
        for (std::uint32_t c : a_) cut.a.push_back({c, groups_.left_.a[c]});
        for (std::uint32_t c : b_) cut.b.push_back({c, groups_.left_.b[c]});
        for (const Part& part : sum.parts) {
            std::uint32_t at = search_.members(part.item)[0];
            SetPart& of = at < a_.size() ? cut.a[at] : cut.b[at - a_.size()];
            of.count -= part.count;
        }
        for (auto* parts : {&cut.a, &cut.b})
            std::erase_if(*parts, [](const SetPart& part) { return part.count == 0; });
        if (groups_.weigh(component_, cut)) cuts_.push_back(std::move(cut));
        return cuts_.size() < most_;
    }

  private:
    ManyToMany& groups_;
    const Component& component_;
    const SubsetSearch& search_;
    const Bag &a_, &b_;
    std::size_t most_;
    std::vector<Cut>& cuts_;
};

ManyToMany::ManyToMany(const rule::Rule& rule, const Weighing& weighing, const ScoreTable& scores,
                       const GroupSide& a, const GroupSide& b, Context& context)
    : rule_(rule),
      weighing_(weighing),
      scores_(scores),
      a_(a),
      b_(b),
      context_(context),
      search_(context.budget, context.stop),
      memory_(context.budget) {}

std::vector<ManyToMany::Bag> ManyToMany::bags_of(const GroupSide& side,
                                                 std::span<const std::uint32_t> classes) const {
    std::map<std::uint32_t, Bag> by_same;
    std::vector<Bag> bags;
    for (std::uint32_t c = 0; c < classes.size(); ++c) {
        if (side.same[classes[c]] == shares_nothing)
            bags.push_back({c});
        else
            by_same[side.same[classes[c]]].push_back(c);
    }
    for (auto& [same, bag] : by_same) bags.push_back(std::move(bag));
    return bags;
}

// Sums, and the least scores of all pairs; false where it is no group.
bool ManyToMany::weigh(const Component& component, Cut& cut) const {
    auto most = static_cast<std::uint64_t>(rule_.max_group);
    if (cut.a.empty() || cut.b.empty() || records_of(cut.a) > most || records_of(cut.b) > most)
        return false;
    // Members that share nothing with others are not two of a group.
    for (const SetPart& part : cut.a)
        if (a_.same[component.a[part.member]] == shares_nothing && part.count > 1) return false;
    for (const SetPart& part : cut.b)
        if (b_.same[component.b[part.member]] == shares_nothing && part.count > 1) return false;
    cut.sum_a = cut.sum_b = 0;
    for (const SetPart& part : cut.a)
        cut.sum_a += a_.amounts[component.a[part.member]] * part.count;
    for (const SetPart& part : cut.b)
        cut.sum_b += b_.amounts[component.b[part.member]] * part.count;
    if (!weighing_.sums.hold(cut.sum_a, cut.sum_b)) return false;
    std::vector<double> least(scores_.width(), 1);
    std::uint32_t currency = 0;
    for (const SetPart& x : cut.a)
        for (const SetPart& y : cut.b) {
            std::uint32_t number = kind(x.member, y.member);
            if (number == no_id) return false;
            std::span<const double> scores = scores_.of(number);
            for (std::size_t i = 0; i < least.size(); ++i) least[i] = std::min(least[i], scores[i]);
        }
    for (bool of_a : {true, false})
        for (const SetPart& part : of_a ? cut.a : cut.b) {
            std::uint32_t own = of_a ? a_.currencies[component.a[part.member]]
                                     : b_.currencies[component.b[part.member]];
            if (currencies_differ(currency, own)) return false;
            currency = std::max(currency, own);
        }
    cut.confidence = weighing_.confidence(cut.sum_a, cut.sum_b, least);
    return cut.confidence >= weighing_.threshold;
}

// Up to `wanted` parts.
ManyToMany::Answer ManyToMany::find(const Component& component, const Bag& bag_a, const Bag& bag_b,
                                    std::size_t wanted) {
    Answer answer{};
    std::vector<Member> members;
    std::uint64_t all_a = 0, all_b = 0;
    for (std::uint32_t c : bag_a) all_a += left_.a[c];
    for (std::uint32_t c : bag_b) all_b += left_.b[c];
    if (all_a == 0 || all_b == 0) return answer;
    auto most = static_cast<std::uint64_t>(rule_.max_group);
    std::uint64_t fewest = (all_a > most ? all_a - most : 0) + (all_b > most ? all_b - most : 0);
    if (fewest > most_members) {
        answer.spent = true;
        return answer;
    }
    int128 sum_a = 0, sum_b = 0, greatest = 0;
    // Every class is of a kind of its own, as pairs of them may be forbidden.
    auto add = [&](std::uint32_t left, int128 amount, int128& sum) {
        sum += amount * left;
        greatest += (amount < 0 ? -amount : amount) * left;
        return Member{amount, static_cast<std::uint32_t>(members.size()), left};
    };
    Bag a, b;
    for (std::uint32_t c : bag_a) {
        if (left_.a[c] == 0) continue;
        a.push_back(c);
        members.push_back(add(left_.a[c], a_.amounts[component.a[c]], sum_a));
    }
    for (std::uint32_t c : bag_b) {
        if (left_.b[c] == 0) continue;
        b.push_back(c);
        members.push_back(add(left_.b[c], b_.amounts[component.b[c]], sum_b));
        members.back().value = -members.back().value;
    }
    Cuts cuts(*this, component, search_, a, b, wanted, answer.cuts);
    if (fewest == 0) cuts.visit({0, {}, 1});
    // What agrees within the bounds of the greatest sums is looked at closely.
    int128 slack = weighing_.sums.slack(greatest), difference = sum_a - sum_b;
    std::uint64_t steps = 0, budget = context_.limits.group_budget;
    for (std::uint64_t out = std::max<std::uint64_t>(fewest, 1);
         answer.cuts.empty() && out + 2 <= all_a + all_b; ++out) {
        if (out > most_members || steps >= budget) {
            answer.spent = true;
            return answer;
        }
        auto size = static_cast<unsigned>(out);
        Searched searched = search_.search(
            {members, difference - slack, difference + slack, size, size}, budget - steps, cuts);
        steps += searched.steps;
        answer.spent = !searched.complete && answer.cuts.size() < wanted;
        if (answer.spent) {
            answer.cuts.clear();
            return answer;
        }
        fewest = out;
    }
    answer.records = all_a + all_b - fewest;
    return answer;
}

void ManyToMany::leave(const Component& component, const Bag& a, const Bag& b, Reason reason) {
    for (bool of_a : {true, false})
        for (std::uint32_t c : of_a ? a : b)
            if ((of_a ? left_.a : left_.b)[c] > 0)
                for (std::uint32_t row :
                     rows_of((of_a ? a_ : b_).classes, of_a ? component.a[c] : component.b[c]))
                    (of_a ? result_->left_a : result_->left_b).push_back({row, reason});
}

void ManyToMany::make(const Component& component, const Cut& cut, bool ambiguous) {
    ClassGroup group{};
    auto end = [&] { return static_cast<std::uint32_t>(groups_->parts.size()); };
    group.first = end();
    for (const SetPart& part : cut.a) {
        groups_->parts.push_back({component.a[part.member], part.count});
        left_.a[part.member] -= part.count;
    }
    group.middle = end();
    for (const SetPart& part : cut.b) {
        groups_->parts.push_back({component.b[part.member], part.count});
        left_.b[part.member] -= part.count;
    }
    group.last = end();
    group.times = 1;
    group.sum_a = cut.sum_a;
    group.sum_b = cut.sum_b;
    group.confidence = cut.confidence;
    group.ambiguous = ambiguous;
    groups_->list.push_back(group);
    memory_.take(sizeof(ClassGroup) + (cut.a.size() + cut.b.size()) * sizeof(SetPart));
}

// Which rows of a component a part has: of each class, the first in order of those that are left.
class ManyToMany::Ordered {
  public:
    Ordered(const ManyToMany& groups, const Component& component)
        : groups_(groups), component_(component) {
        for (bool of_a : {true, false}) {
            std::vector<std::uint32_t> rows;
            for (std::uint32_t c : of_a ? component.a : component.b)
                for (std::uint32_t row : rows_of((of_a ? groups.a_ : groups.b_).classes, c))
                    rows.push_back(row);
            RowOrder& order = groups.context_.order;
            of_a ? order.sort_a(rows) : order.sort_b(rows);
            for (std::uint32_t i = 0; i < rows.size(); ++i)
                (of_a ? ranks_a_ : ranks_b_)[rows[i]] = i;
        }
    }

    std::vector<std::uint32_t> rows(const Cut& cut, bool of_a) const {
        const std::map<std::uint32_t, std::uint32_t>& ranks = of_a ? ranks_a_ : ranks_b_;
        std::vector<std::uint32_t> rows;
        for (const SetPart& part : of_a ? cut.a : cut.b) {
            std::uint32_t c = (of_a ? component_.a : component_.b)[part.member];
            std::span<const std::uint32_t> all =
                rows_of((of_a ? groups_.a_ : groups_.b_).classes, c);
            std::vector<std::uint32_t> own(all.begin(), all.end());
            std::sort(own.begin(), own.end(),
                      [&](std::uint32_t x, std::uint32_t y) { return ranks.at(x) < ranks.at(y); });
            auto taken = static_cast<std::ptrdiff_t>(
                own.size() - (of_a ? groups_.left_.a : groups_.left_.b)[part.member]);
            rows.insert(rows.end(), own.begin() + taken, own.begin() + taken + part.count);
        }
        return rows;
    }
    // The best confidence, and of such the records that come first.
    std::size_t first(const std::vector<Cut>& cuts) const {
        std::size_t best = 0;
        for (std::size_t i = 1; i < cuts.size(); ++i) {
            if (cuts[i].confidence < cuts[best].confidence) continue;
            if (cuts[i].confidence > cuts[best].confidence || places(cuts[i]) < places(cuts[best]))
                best = i;
        }
        return best;
    }

  private:
    std::vector<std::uint32_t> places(const Cut& cut) const {
        std::vector<std::uint32_t> places;
        for (bool of_a : {true, false}) {
            auto begin = static_cast<std::ptrdiff_t>(places.size());
            for (std::uint32_t row : rows(cut, of_a))
                places.push_back((of_a ? ranks_a_ : ranks_b_).at(row));
            std::sort(places.begin() + begin, places.end());
        }
        return places;
    }

    const ManyToMany& groups_;
    const Component& component_;
    std::map<std::uint32_t, std::uint32_t> ranks_a_, ranks_b_;
};

// Of the parts found, those that are the largest for both of their bags. False where none is made.
bool ManyToMany::make_best(const Component& component, std::vector<Answer>& answers) {
    auto rivals = [&](const Answer& answer, bool of_a) {
        std::size_t count = 0;
        for (const Answer& other : answers)
            if ((of_a ? other.bag_a == answer.bag_a : other.bag_b == answer.bag_b) &&
                (other.spent || (!other.cuts.empty() && other.records >= answer.records)))
                ++count;
        return count - 1;
    };
    bool made = false;
    std::uint64_t most = 0;
    std::vector<Cut> unsure;
    for (const Answer& answer : answers) {
        if (answer.cuts.empty()) continue;
        if (answer.cuts.size() == 1 && rivals(answer, true) == 0 && rivals(answer, false) == 0) {
            make(component, answer.cuts[0], false);
            made = true;
        } else if (answer.records >= most) {
            if (answer.records > most) unsure.clear();
            most = answer.records;
            unsure.insert(unsure.end(), answer.cuts.begin(), answer.cuts.end());
        }
    }
    if (made || unsure.empty() || rule_.ambiguous == rule::Ambiguous::skip) return made;
    make(component, unsure[Ordered(*this, component).first(unsure)],
         rule_.ambiguous == rule::Ambiguous::propose);
    return true;
}

void ManyToMany::begin(const Component& component, const EdgeStore& edges) {
    width_ = component.b.size();
    std::size_t pairs = component.a.size() * width_;
    if (std::size_t now = pairs * sizeof(std::uint32_t) +
                          (component.a.size() + width_) * 4 * sizeof(std::uint32_t);
        now > held_) {
        memory_.take(now - held_);
        held_ = now;
    }
    kinds_.assign(pairs, no_id);
    for (std::size_t a = 0; a < component.a.size(); ++a)
        for (const Edge& edge : edges.of(component.a[a]))
            kinds_[a * width_ + edge.b] = edge.confidence;
    left_.a.clear();
    left_.b.clear();
    for (std::uint32_t c : component.a) left_.a.push_back(a_.classes.size(c));
    for (std::uint32_t c : component.b) left_.b.push_back(b_.classes.size(c));
    bags_a_ = bags_of(a_, component.a);
    bags_b_ = bags_of(b_, component.b);
}

void ManyToMany::solve(const Component& component, EdgeStore& edges) {
    begin(component, edges);
    std::size_t wanted = rule_.ambiguous == rule::Ambiguous::skip ? 2 : most_compared;
    std::vector<Answer> answers;
    do {
        answers.clear();
        for (std::uint32_t i = 0; i < bags_a_.size(); ++i)
            for (std::uint32_t j = 0; j < bags_b_.size(); ++j) {
                check_stop(context_.stop);
                Answer answer = find(component, bags_a_[i], bags_b_[j], wanted);
                answer.bag_a = i;
                answer.bag_b = j;
                if (answer.spent || !answer.cuts.empty()) answers.push_back(std::move(answer));
            }
    } while (make_best(component, answers));
    for (const Answer& answer : answers)
        leave(component, bags_a_[answer.bag_a], bags_b_[answer.bag_b],
              answer.spent ? Reason::budget : Reason::ambiguous);
}

void ManyToMany::run(EdgeStore& edges, ClassGroups& groups, RuleResult& result) {
    context_.progress.begin("groups", a_.amounts.size());
    groups_ = &groups;
    result_ = &result;
    Component component;
    std::uint64_t done = 0;
    while (edges.next(component)) {
        check_stop(context_.stop);
        solve(component, edges);
        context_.progress.advance(done += component.a.size());
    }
}

GroupAnswers ManyToMany::answers(EdgeStore& edges, bool of_a, std::uint32_t row, std::uint64_t most,
                                 int scale) {
    GroupAnswers answers;
    answers.complete = true;
    Component component;
    std::uint32_t at = no_id;  // its class, by place in the component
    while (at == no_id && edges.next(component)) {
        std::span<const std::uint32_t> classes = of_a ? component.a : component.b;
        for (std::uint32_t c = 0; c < classes.size(); ++c)
            for (std::uint32_t one : rows_of((of_a ? a_ : b_).classes, classes[c]))
                if (one == row) at = c;
    }
    if (at == no_id) return answers;
    begin(component, edges);
    std::vector<Cut> cuts;
    std::uint64_t records = 0;
    for (const Bag& a : bags_a_)
        for (const Bag& b : bags_b_) {
            const Bag& own = of_a ? a : b;
            if (std::find(own.begin(), own.end(), at) == own.end()) continue;
            check_stop(context_.stop);
            Answer answer = find(component, a, b, most);
            if (answer.spent) answers.complete = false;
            if (answer.cuts.empty() || answer.records < records) continue;
            if (answer.records > records) cuts.clear();
            records = answer.records;
            std::move(answer.cuts.begin(), answer.cuts.end(), std::back_inserter(cuts));
        }
    answers.sets = cuts.size();
    answers.complete = answers.complete && cuts.size() < most;
    for (const std::vector<std::uint32_t>* left : {&left_.a, &left_.b})
        for (std::uint32_t count : *left) answers.candidates += count;
    Ordered ordered(*this, component);
    while (!cuts.empty() && answers.first.size() < 2) {
        auto best = cuts.begin() + static_cast<std::ptrdiff_t>(ordered.first(cuts));
        GroupAnswers::Set set{ordered.rows(*best, true),
                              ordered.rows(*best, false),
                              {best->sum_b, scale},
                              best->confidence};
        std::sort(set.rows_a.begin(), set.rows_a.end());
        std::sort(set.rows_b.begin(), set.rows_b.end());
        answers.first.push_back(std::move(set));
        cuts.erase(best);
    }
    return answers;
}

}  // namespace recon::match::group
