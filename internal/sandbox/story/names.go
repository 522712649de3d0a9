package story

// Names are common ones, mixed by chance; no real person is meant.
var families = []string{
	"Ashworth", "Baxendale", "Catterall", "Duckworth", "Eastham", "Fielding", "Greenhalgh", "Haworth", "Iddon", "Jolley", "Kenyon", "Lonsdale",
	"Marsden", "Nuttall", "Ormerod", "Pilkington", "Quinn", "Ramsbottom", "Sharples", "Tattersall", "Unsworth", "Varley", "Walmsley", "Yates",
	"Ahmed", "Begum", "Chowdhury", "Desai", "Hussain", "Iqbal", "Khan", "Malik", "Nowak", "O'Brien", "Patel", "Rahman", "Singh", "Kowalska",
	"Adeyemi", "Boateng", "Clarke", "Davies", "Evans", "Fernandez", "Griffiths", "Hill", "Jones", "Kelly", "Lewis", "Morris", "Owen", "Parker",
	"Roberts", "Smith", "Taylor", "Turner", "Walker", "Ward", "White", "Wood", "Wright", "Young", "Zielinski", "Murphy", "Thompson", "Cooper",
}

var girls = []string{
	"Edith", "Margaret", "Susan", "Linda", "Patricia", "Karen", "Julie", "Amelia", "Olivia", "Isla", "Aisha", "Fatima", "Zainab", "Priya", "Meera",
	"Agnieszka", "Chloe", "Emma", "Grace", "Hannah", "Jessica", "Katie", "Lauren", "Megan", "Nicola", "Rachel", "Sarah", "Tracey", "Wendy", "Joan",
	"Dorothy", "Brenda", "Siobhan", "Ngozi", "Abena", "Freya", "Lily", "Poppy", "Ruby", "Sophie",
}

var boys = []string{
	"John", "David", "Peter", "Michael", "Alan", "Brian", "Colin", "Derek", "Eric", "Frank", "George", "Harold", "Mohammed", "Imran", "Yusuf", "Ravi",
	"Arjun", "Piotr", "Jack", "Harry", "Oliver", "Noah", "Leo", "Archie", "Callum", "Daniel", "Ethan", "Gareth", "Ian", "Jason", "Kevin", "Lee",
	"Mark", "Neil", "Paul", "Robert", "Stephen", "Thomas", "Kwame", "Emeka",
}

var maleNames = nameSet(boys)

func nameSet(names []string) map[string]bool {
	set := make(map[string]bool, len(names))
	for _, name := range names {
		set[name] = true
	}
	return set
}

var streets = []string{
	"Beck Lane", "Mill Street", "Church Row", "Station Road", "Fell View", "Weavers Court", "Chapel Brow", "Victoria Terrace", "Orchard Close",
	"Bridge End", "Moor Road", "Abbey Fold", "Spinners Way", "Smithy Lane", "Hazel Grove", "Quarry Bank", "Park Avenue", "Larch Drive",
}

var towns = []string{"Nether Wyrefield", "Over Bowland", "Fellside", "Calderbeck", "Silverdale", "Pendle View", "Hodder Bridge", "Loudwater"}
