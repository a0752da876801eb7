// Takes seven orders, and says how many there are.
module.exports = (db) => {
  db.exec("CREATE TABLE orders (id)");
  const insert = db.prepare("INSERT INTO orders VALUES (?)");
  for (let i = 0; i < 7; i++) insert.run(i);
  console.log(db.prepare("SELECT count(*) AS n FROM orders").get().n);
};
